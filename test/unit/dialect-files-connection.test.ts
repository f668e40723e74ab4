import { Duplex } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { FilesConnection, SILENCE_MS } from "../../server/dialects/files-connection.ts";
import type { FilesStore, Upload } from "../../server/dialects/files-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { readableLog } from "../support/readable-log.ts";

/** A peer's line, without a network. */
class Line extends Duplex {
  answers = "";
  /** Called when the server's side would read. */
  wanted: () => void = () => undefined;

  /** With its server's half open when the peer has ended his, as the door's sockets are. */
  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    this.wanted();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.answers += chunk.toString();
    done();
  }
}

/** A store in memory, of which any step can be held up or refused. */
class Shelf implements FilesStore {
  readonly steps: string[] = [];
  hold: (step: string) => Promise<void> = () => Promise.resolve();

  async begin(name: string | null): Promise<Upload> {
    const stored = name ?? "made-up";
    const step = (what: string): Promise<void> => {
      this.steps.push(what);
      return this.hold(what.split(" ")[0] ?? "");
    };
    await step(`begin ${stored}`);
    return {
      name: stored,
      write: (bytes) => step(`write ${bytes.length}`),
      keep: () => step("keep"),
      discard: () => step("discard"),
    };
  }
}

/** One connection, served. */
function served() {
  const clock = new ManualClock();
  const line = new Line();
  const shelf = new Shelf();
  const log = readableLog();
  const logged = (): string[] => log.lines.map(({ level, message }) => `${level}: ${message}`);
  const done = new FilesConnection(line, "peer", { clock, log, store: shelf }).run();
  return { clock, done, line, logged, shelf };
}

/** Lets everything happen that waits for no clock. */
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

const CONTENT = Buffer.of(2, 3, 97, 98, 99);

describe("silence", () => {
  test("of 50 ms ends a name, which is answered, and not a moment less", async () => {
    const { clock, line, shelf } = served();
    line.push(Buffer.of(1, 97));
    await turns();
    clock.advance(SILENCE_MS - 1);
    await turns();
    line.push("b");
    await turns();
    clock.advance(SILENCE_MS - 1);
    await turns();
    expect(line.answers).toBe("");
    clock.advance(1);
    await turns();
    expect(line.answers).toBe("OK");
    line.push(CONTENT);
    await turns();
    expect(shelf.steps).toEqual(["begin ab", "write 3", "keep"]);
  });

  test("is no silence when bytes have come that were only not read yet", async () => {
    const { clock, line, shelf } = served();
    line.push(Buffer.of(1, 97));
    await turns();
    clock.advance(SILENCE_MS);
    line.push("b");
    await turns();
    expect(line.answers).toBe("");
    clock.advance(SILENCE_MS);
    await turns();
    expect(line.answers).toBe("OK");
    line.push(CONTENT);
    await turns();
    expect(shelf.steps[0]).toBe("begin ab");
  });

  test("within a file means nothing for ten minutes; then nothing is left of it", async () => {
    const { clock, done, line, logged, shelf } = served();
    line.push(CONTENT.subarray(0, 4));
    await turns();
    clock.advance(599_999);
    await turns();
    expect(line.writableEnded).toBe(false);
    clock.advance(1);
    await turns();
    expect(line.writableEnded).toBe(true);
    expect(shelf.steps).toEqual(["begin made-up", "write 2", "discard"]);
    // The rest comes too late for the file, and the peer does not leave.
    line.push(CONTENT.subarray(4));
    await turns();
    clock.advance(1_000);
    await done;
    expect(line.destroyed).toBe(true);
    expect(shelf.steps.length).toBe(3);
    expect(logged()).toEqual(['info: File "made-up" from peer was cut short: 2 of 3 bytes came; none are kept']);
    expect(clock.pending).toBe(0);
  });
});

test("a text is answered and logged, with nothing in the log that a terminal obeys, and the line is closed", async () => {
  const { clock, done, line, logged } = served();
  line.push("hi \u001b[2Jyou");
  await turns();
  clock.advance(SILENCE_MS);
  await turns();
  expect(line.answers).toBe("Message: hi \u001b[2Jyou");
  expect(logged()).toEqual(['info: Message from peer: "hi \\u001b[2Jyou"']);
  expect(line.writableEnded).toBe(true);
  // What comes late is for nobody; whoever does not close his half is cut off.
  line.push(CONTENT);
  await turns();
  expect(line.destroyed).toBe(false);
  clock.advance(1_000);
  await done;
  expect(line.destroyed).toBe(true);
  expect(clock.pending).toBe(0);
});

test("the end of input ends a string too, and the answer still comes", async () => {
  for (const [said, answer] of [
    ["hello", "Message: hello"],
    ["\u0001name", "OK"],
  ]) {
    const { clock, done, line } = served();
    line.push(said);
    line.push(null);
    await done;
    await turns();
    expect(line.answers).toBe(answer);
    expect(line.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  }
});

test("a name is for the next content alone, and of two names the later counts", async () => {
  const { clock, line, shelf } = served();
  for (const said of ["\u0001a", "\u0001b"]) {
    line.push(said);
    await turns();
    clock.advance(SILENCE_MS);
    await turns();
  }
  line.push(Buffer.concat([CONTENT, CONTENT]));
  await turns();
  expect(line.answers).toBe("OKOK");
  expect(shelf.steps.filter((step) => step.startsWith("begin"))).toEqual(["begin b", "begin made-up"]);
});

test("a type that there is not closes the line without a word", async () => {
  const { clock, done, line, logged } = served();
  line.push(Buffer.of(7, 1, 2, 3));
  await turns();
  expect(line.writableEnded).toBe(true);
  clock.advance(1_000);
  await done;
  expect(line.answers).toBe("");
  expect(logged()).toEqual(["info: peer sent a message of type 7, and there is none; the connection is closed."]);
});

test("while the disk is behind nothing is read", async () => {
  const { line, shelf } = served();
  let sent = 0;
  let goOn = (): void => undefined;
  shelf.hold = (step) => (step === "write" ? new Promise((resolve) => (goOn = resolve)) : Promise.resolve());
  line.wanted = () => {
    const block = Buffer.alloc(65_536);
    if (sent === 0) block.set([5, 255, 255, 255, 255]);
    sent += block.length;
    line.push(block);
  };
  line.wanted();
  for (let writes = 1; writes <= 20; writes++) {
    while (shelf.steps.filter((step) => step.startsWith("write")).length < writes) await turns();
    await turns();
    const lengths = shelf.steps.filter((step) => step.startsWith("write")).map((step) => Number(step.split(" ")[1]));
    const written = lengths.slice(0, -1).reduce((sum, length) => sum + length, 0);
    // What is being written, and what waits behind it in the line's own buffer: some packets.
    expect(sent - written).toBeLessThanOrEqual(5 * 65_536);
    goOn();
  }
  line.destroy();
  goOn();
});

test.each(["begin", "write", "keep"])(
  "a disk that refuses to %s costs the file and the connection",
  async (refused) => {
    const { done, line, logged, shelf } = served();
    shelf.hold = (step) => (step === refused ? Promise.reject(new Error("ENOSPC")) : Promise.resolve());
    line.push(Buffer.concat([CONTENT, CONTENT]));
    await done;
    expect(line.destroyed).toBe(true);
    expect(shelf.steps.filter((step) => step === "discard").length).toBe(refused === "begin" ? 0 : 1);
    expect(shelf.steps.filter((step) => step === "begin made-up").length).toBe(1);
    expect(logged()[0]).toBe("error: A file from peer could not be written; the connection is closed.");
  },
);

test("a part that cannot be deleted is told, and ends nothing else", async () => {
  const { done, line, logged, shelf } = served();
  shelf.hold = (step) => (step === "discard" ? Promise.reject(new Error("EROFS")) : Promise.resolve());
  line.push(CONTENT.subarray(0, 4));
  line.push(null);
  await done;
  expect(logged()).toEqual([
    'error: File "made-up" from peer was cut short: 2 of 3 bytes came; the part could not be deleted and is left in the folder',
  ]);
});

test("whoever takes no answers is cut off", async () => {
  const { clock, done, line } = served();
  line._write = () => undefined;
  for (let names = 0; names < 600; names++) {
    line.push(Buffer.of(1));
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(SILENCE_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(line.destroyed).toBe(true);
});

test("an answer that cannot be delivered ends nothing else", async () => {
  const { done, line } = served();
  line._write = (_chunk, _encoding, failed) => setImmediate(() => failed(new Error("EPIPE")));
  line.push("hello");
  line.push(null);
  await done;
  await turns();
  expect(line.destroyed).toBe(true);
});

test("a line that breaks between messages leaves nothing behind", async () => {
  const { clock, done, line, logged } = served();
  line.push(Buffer.of(1, 97));
  await turns();
  line.destroy(new Error("ECONNRESET"));
  await done;
  expect(logged()).toEqual([]);
  expect(clock.pending).toBe(0);
});
