import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { systemClock } from "../../server/adapters/system-clock.ts";
import { MAX_FILES_CONNECTIONS, serveFiles } from "../../server/dialects/files-door.ts";
import type { FilesStore } from "../../server/dialects/files-store.ts";
import type { Log } from "../../server/domain/log.ts";
import { contentHead, contentMessage, FilesPeer } from "../support/files-peer.ts";
import { liveHeap } from "../support/heap.ts";
import { starter } from "../support/start.ts";

const { closing, serve } = starter();
let folders: string[] = [];

afterEach(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
  folders = [];
});

/** A folder for uploads, which is the only thing in its own. */
async function newFolder(): Promise<string> {
  const around = await mkdtemp(join(tmpdir(), "keyroom-test-files-"));
  folders.push(around);
  return join(around, "uploads");
}

/** A log that can be waited for. */
function heardLog() {
  const lines: string[] = [];
  let onLine = (): void => undefined;
  const add = (_: object, message: string): void => {
    lines.push(message);
    onLine();
  };
  const log: Log = { info: add, error: add };
  return {
    log,
    lines,
    /** Resolves when so many lines have this text. */
    said: (text: string, times = 1) =>
      new Promise<void>((resolve) => {
        onLine = () => lines.filter((line) => line.includes(text)).length >= times && resolve();
        onLine();
      }),
  };
}

/** A server with the door, and the folder behind it. */
async function withDoor() {
  const folder = await newFolder();
  const { log, lines, said } = heardLog();
  const server = await serve({ doors: { files: 0 }, filesDir: folder, log });
  const port = server.doors[0]?.port ?? 0;
  return { server, folder, lines, port, said, peer: () => peerOf(port) };
}

function peerOf(port: number): FilesPeer {
  const peer = new FilesPeer(port);
  closing(() => peer.socket.destroy());
  return peer;
}

/** Bytes of which no two pieces are alike. */
function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 0xff;
  return bytes;
}

describe("a bare message", () => {
  test("is answered and logged with its sender's address; then the server closes", async () => {
    const { lines, peer } = await withDoor();
    const sender = peer();
    await sender.send("hëllo\u001b[2J");
    await sender.ended;
    expect(sender.answers).toBe("Message: hëllo\u001b[2J");
    expect(lines.at(-1)).toMatch(/^Message from 127\.0\.0\.1:\d+: "hëllo\\u001b\[2J"$/);
  });

  test("of 5,000 bytes is cut to 4,096, and a file behind it is none", async () => {
    const { folder, peer } = await withDoor();
    const sender = peer();
    await sender.send("x".repeat(5_000), Buffer.of(1, 97), contentMessage(1, Buffer.from("abc")));
    sender.socket.end();
    await sender.ended;
    expect(sender.answers).toBe(`Message: ${"x".repeat(4_096)}`);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("a file", () => {
  test.each([
    [1, [0, 1, 255]],
    [2, [0, 255, 256, 65_535]],
    [3, [255, 256, 65_535, 65_536, 16_777_215]],
    [4, [0, 255, 256, 65_535, 65_536, 16_777_216]],
  ])("with a length of %i bytes may be %j bytes long, and several come on one connection", async (width, sizes) => {
    const { folder, lines, peer, said } = await withDoor();
    const sender = peer();
    for (const size of sizes) {
      await sender.sendName(`of ${size}`);
      await sender.send(contentMessage(width, pattern(size)));
    }
    await said("File", sizes.length);
    expect(sender.answers).toBe("OK".repeat(sizes.length));
    expect((await readdir(folder)).sort()).toEqual(sizes.map((size) => `of ${size}`).sort());
    for (const size of sizes) {
      const kept = await readFile(join(folder, `of ${size}`));
      expect([size, kept.equals(pattern(size))]).toEqual([size, true]);
    }
    expect(lines.at(-1)).toMatch(
      new RegExp(`^File "of ${sizes.at(-1)}" from 127\\.0\\.0\\.1:\\d+: ${sizes.at(-1)} bytes$`),
    );
  });

  test("that comes byte by byte is whole", async () => {
    const { folder, peer, said } = await withDoor();
    const sender = peer();
    await sender.sendName("slow");
    for (const byte of contentMessage(3, pattern(300))) await sender.send(Buffer.of(byte));
    await said("File");
    expect(await readFile(join(folder, "slow"))).toEqual(pattern(300));
  });

  test("without a name has eight letters or digits and .bin", async () => {
    const { folder, peer, said } = await withDoor();
    const sender = peer();
    await sender.sendName("named");
    await sender.send(contentMessage(1, pattern(3)), contentMessage(2, pattern(4)), contentMessage(4, pattern(5)));
    await said("File", 3);
    expect(sender.answers).toBe("OK");
    const names = await readdir(folder);
    expect(names.filter((name) => /^[A-Za-z0-9]{8}\.bin$/.test(name)).length).toBe(2);
    expect(names.filter((name) => name === "named").length).toBe(1);
  });

  test("is written to NAME.part, and seen only when it is whole, also where there was one of that name", async () => {
    const { folder, peer, said } = await withDoor();
    const sender = peer();
    await writeFile(join(folder, "x"), "before");
    await sender.sendName("x");
    await sender.send(contentHead(2, 300), pattern(200));
    // Behind it on its own connection, so that the first has been begun when this one is whole.
    const other = peer();
    await other.sendName("y");
    await other.send(contentMessage(1, pattern(1)));
    await said("File");
    expect((await readdir(folder)).sort()).toEqual(["x", "x.part", "y"]);
    expect(await readFile(join(folder, "x"), "utf8")).toBe("before");
    await sender.send(pattern(300).subarray(200));
    await said('File "x"');
    expect((await readdir(folder)).sort()).toEqual(["x", "y"]);
    expect(await readFile(join(folder, "x"))).toEqual(pattern(300));
  });

  test("of which two come at once under one name is each whole in its turn: the last is kept", async () => {
    const { folder, peer, said } = await withDoor();
    const [first, second] = [peer(), peer()];
    for (const sender of [first, second]) {
      await sender.sendName("x");
      await sender.send(contentHead(1, 4), "ab");
    }
    await second.send("cd");
    await said('File "x"', 1);
    expect(await readFile(join(folder, "x"), "utf8")).toBe("abcd");
    await first.send("CD");
    await said('File "x"', 2);
    expect(await readFile(join(folder, "x"), "utf8")).toBe("abCD");
    expect(await readdir(folder)).toEqual(["x"]);
  });
});

describe("cut off", () => {
  const whole = Buffer.concat([contentHead(4, 100_000), pattern(100_000)]);

  test.each([1, 2, 3, 4])(
    "in the type, the length of %i bytes or the content, a file leaves nothing",
    async (width) => {
      const { server, folder, peer } = await withDoor();
      const message = contentMessage(width, pattern(255));
      const cuts = [...Array(width + 3).keys(), message.length - 1].slice(1);
      for (const cut of cuts) {
        const sender = peer();
        await sender.sendName("x");
        await sender.send(message.subarray(0, cut));
        sender.socket.end();
        await sender.ended;
        expect([cut, await readdir(folder)]).toEqual([cut, []]);
      }
      await server.close();
    },
  );

  test("in a name or a text, a connection leaves nothing either, and a name is answered all the same", async () => {
    const { folder, peer } = await withDoor();
    for (const [said, answer] of [
      ["", ""],
      ["\u0001", "OK"],
      ["\u0001x", "OK"],
      ["x", "Message: x"],
    ] as const) {
      const sender = peer();
      await sender.send(said);
      sender.socket.end();
      await sender.ended;
      expect([said, sender.answers]).toEqual([said, answer]);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test("by a reset, a file leaves nothing, and others feel nothing", async () => {
    const { folder, peer, said } = await withDoor();
    const other = peer();
    await other.sendName("other");
    await other.send(contentHead(1, 4), "ab");
    const sender = peer();
    await sender.sendName("x");
    await sender.send(whole.subarray(0, 70_000));
    // A reset may overtake bytes that nobody has read yet.
    const later = peer();
    await later.sendName("later");
    await later.send(contentMessage(1, pattern(1)));
    await said("File");
    sender.socket.resetAndDestroy();
    await said("was cut short");
    expect((await readdir(folder)).sort()).toEqual(["later", "other.part"]);
    await other.send("cd");
    await said('File "other"');
    expect((await readdir(folder)).sort()).toEqual(["later", "other"]);
  });

  test("by the server's own end, a file leaves nothing", async () => {
    const { server, folder, lines, peer, said } = await withDoor();
    const sender = peer();
    await sender.sendName("x");
    await sender.send(whole.subarray(0, 50_000));
    // What is behind it is begun when its own file is there.
    const other = peer();
    await other.send(contentMessage(1, pattern(1)));
    await said("File");
    await server.close();
    await sender.ended;
    expect((await readdir(folder)).filter((name) => !name.endsWith(".bin"))).toEqual([]);
    expect(lines.filter((line) => line.includes("cut short")).length).toBe(1);
  });
});

describe("a name", () => {
  const MADE_UP = /^[a-z0-9]{8}\.bin$/;

  test.each<[name: string, kept: string | RegExp]>([
    ["../x", "x"],
    ["../../../../../../tmp/x", "x"],
    ["/etc/passwd", "passwd"],
    ["a/b", "b"],
    ["..\\..\\x", "x"],
    ["C:\\x", "x"],
    ["sub/", MADE_UP],
    ["..", MADE_UP],
    [".", MADE_UP],
    ["/", MADE_UP],
    ["", MADE_UP],
    ["x\0y", MADE_UP],
    ["x\r\n", MADE_UP],
    ["x.part", MADE_UP],
    ["x".repeat(255), "x".repeat(255)],
    ["x".repeat(256), MADE_UP],
    ["x".repeat(5_000), MADE_UP],
    ["a name with spaces, ' and \"", "a name with spaces, ' and \""],
    ["日本🔑", "日本🔑"],
    ["-rf", "-rf"],
    ["\u0001\u0002", MADE_UP],
  ])("like %j never leads out of the folder", async (name, kept) => {
    const { folder, peer, said } = await withDoor();
    const sender = peer();
    await sender.sendName(name);
    expect(sender.answers).toBe("OK");
    await sender.send(contentMessage(1, Buffer.from("abc")));
    await said("File");
    const [only = "", ...rest] = await readdir(folder);
    expect(rest).toEqual([]);
    if (typeof kept === "string") expect(only).toBe(kept);
    else expect(only).toMatch(kept);
    expect(await readFile(join(folder, only), "utf8")).toBe("abc");
    expect(await readdir(join(folder, ".."))).toEqual(["uploads"]);
  });

  test("of a folder is refused by closing, and a link is replaced and not followed", async () => {
    const { folder, peer, said } = await withDoor();
    const outside = join(folder, "..", "outside");
    await writeFile(outside, "mine");
    await mkdir(join(folder, "taken"));
    for (const link of ["link", "other.part"]) await symlink(outside, join(folder, link));
    const sender = peer();
    await sender.sendName("taken");
    await sender.send(contentMessage(1, Buffer.from("abc")));
    await sender.ended;
    expect((await readdir(folder)).sort()).toEqual(["link", "other.part", "taken"]);
    const next = peer();
    for (const name of ["link", "other"]) {
      await next.sendName(name);
      await next.send(contentMessage(1, Buffer.from("abc")));
      await said(`File "${name}"`);
      expect(await readFile(join(folder, name), "utf8")).toBe("abc");
    }
    expect(await readFile(outside, "utf8")).toBe("mine");
  });
});

test.each([0, 6, 31])("a message of type %i closes the connection, and the door lives", async (type) => {
  const { folder, peer, said } = await withDoor();
  const sender = peer();
  await sender.send(Buffer.of(type), contentMessage(1, pattern(3)));
  await sender.ended;
  expect(sender.answers).toBe("");
  expect(await readdir(folder)).toEqual([]);
  await peer().send(contentMessage(1, pattern(3)));
  await said("File");
});

test("beyond so many connections whoever comes is closed at once, until somebody leaves", async () => {
  const { peer } = await withDoor();
  const all = Array.from({ length: MAX_FILES_CONNECTIONS }, peer);
  // The last of them has been let in when it is answered.
  await Promise.all(all.map((one) => one.sendName("x")));
  await peer().ended;
  all[0]?.socket.end();
  await all[0]?.ended;
  const next = peer();
  await next.sendName("x");
  expect(next.answers).toBe("OK");
});

test("a disk that is behind holds back the sender: of 64 MiB some packets are in memory", async () => {
  const size = 67_108_864;
  let written = 0;
  let looked = 0;
  let mostInMemory = 0;
  let done: (what: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (done = resolve));
  const before = inBuffers();
  const store: FilesStore = {
    begin: async (name) => ({
      name: name ?? "",
      write: async (bytes) => {
        await new Promise((resolve) => setImmediate(resolve));
        written += bytes.length;
        if (written < looked + 4_194_304) return;
        looked = written;
        mostInMemory = Math.max(mostInMemory, inBuffers() - before);
      },
      keep: async () => done("kept"),
      discard: async () => done("discarded"),
    }),
  };
  const door = await serveFiles({ clock: systemClock, host: "127.0.0.1", log: heardLog().log, port: 0, store });
  closing(() => door.close());
  const sender = peerOf(door.port);
  await sender.send(contentHead(4, size));
  const block = pattern(65_536);
  for (let sent = 0; sent < size; sent += block.length) await sender.send(block);
  expect(await ended).toBe("kept");
  expect(written).toBe(size);
  expect(mostInMemory).toBeLessThan(4_194_304);
});

/** Bytes of all buffers that are in use. */
function inBuffers(): number {
  // What one collection finds may be given back only by the next.
  for (let i = 0; i < 2; i++) liveHeap();
  return process.memoryUsage().arrayBuffers;
}

test("a folder that is not given is fresh, told in the log, and goes where nothing came", async () => {
  const { log, lines, said } = heardLog();
  const servers = [await serve({ doors: { files: 0 }, log }), await serve({ doors: { files: 0 }, log })];
  const [empty = "", used = ""] = lines.map((line) => line.replace("Uploaded files are kept in ", ""));
  folders.push(used);
  expect(empty).not.toBe(used);
  await peerOf(servers[1]?.doors[0]?.port ?? 0).send(contentMessage(1, pattern(3)));
  await said("File ");
  for (const server of servers) await server.close();
  expect((await readdir(used)).length).toBe(1);
  await expect(readdir(empty)).rejects.toThrow("ENOENT");
});

test("a folder that cannot be had fails the start with a sentence that names the flag", async () => {
  const folder = await newFolder();
  await writeFile(folder, "a file");
  await expect(serve({ doors: { files: 0 }, filesDir: folder })).rejects.toThrow(
    `The folder ${folder} cannot take files`,
  );
});
