import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type FilesEvent, FilesFraming } from "../../server/dialects/files-framing.ts";
import { freshSeed } from "../support/random.ts";

/** What is told to a framing: bytes, or that there was silence, or the end. */
type Told = Buffer | "silence" | "end";

/** The events, with the bytes of one content put together. */
function heard(told: readonly Told[]): FilesEvent[] {
  const framing = new FilesFraming();
  const events: FilesEvent[] = [];
  for (const it of told) {
    const news = it === "silence" ? framing.silence() : it === "end" ? framing.end() : framing.feed(it);
    for (const event of news) {
      const last = events.at(-1);
      if (event.kind !== "bytes" || last?.kind !== "bytes") events.push(event);
      else events.splice(-1, 1, { kind: "bytes", bytes: Buffer.concat([last.bytes, event.bytes]) });
    }
  }
  return events;
}

function name(text: string): Buffer {
  return Buffer.concat([Buffer.of(1), Buffer.from(text)]);
}

function content(width: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(1 + width);
  head[0] = 1 + width;
  head.writeUIntLE(bytes.length, 1, width);
  return Buffer.concat([head, bytes]);
}

function singly(bytes: Buffer): Buffer[] {
  return [...bytes].map((byte) => Buffer.of(byte));
}

describe("a string", () => {
  test.each<[told: readonly Told[], events: readonly FilesEvent[]]>([
    [[Buffer.from("hello")], []],
    [[Buffer.from("hello"), "silence"], [{ kind: "text", text: "hello" }]],
    [[Buffer.from("hello"), "end"], [{ kind: "text", text: "hello" }]],
    [[Buffer.from("hel"), Buffer.from("lo"), "end"], [{ kind: "text", text: "hello" }]],
    [[...singly(Buffer.from("añ日🔑")), "silence"], [{ kind: "text", text: "añ日🔑" }]],
    [[Buffer.from(" "), "silence"], [{ kind: "text", text: " " }]],
    [[name("a.txt"), "silence"], [{ kind: "name", name: "a.txt" }]],
    [[name("a.txt"), "end"], [{ kind: "name", name: "a.txt" }]],
    [[...singly(name("日.txt")), "silence"], [{ kind: "name", name: "日.txt" }]],
    [[name(""), "silence"], [{ kind: "name", name: "" }]],
    [[name("\u0001\u0002\u0000"), "silence"], [{ kind: "name", name: "\u0001\u0002\u0000" }]],
    [
      [name("a"), "silence", name("b"), "silence"],
      [
        { kind: "name", name: "a" },
        { kind: "name", name: "b" },
      ],
    ],
    [["silence", "silence", "end"], []],
  ])("told %j", (told, events) => {
    expect(heard(told)).toEqual(events);
  });

  test.each(["text", "name"])("of 4096 bytes is whole, and what is longer is dropped: %s", (kind) => {
    const head = kind === "name" ? Buffer.of(1) : Buffer.of();
    const told = (text: string, ...rest: readonly Told[]): FilesEvent[] =>
      heard([Buffer.concat([head, Buffer.from(text)]), ...rest, "silence"]);
    const event = (text: string) => (kind === "name" ? { kind, name: text } : { kind, text });
    const full = "x".repeat(4_096);
    expect(told(full)).toEqual([event(full)]);
    expect(told(`${full}y`)).toEqual([event(full)]);
    expect(told(full, Buffer.alloc(70_000, "y"), Buffer.of(2, 0))).toEqual([event(full)]);
    // Of a character that does not fit nothing is kept.
    expect(told(`${"x".repeat(4_095)}é`)).toEqual([event("x".repeat(4_095))]);
  });

  test("is all that waits for silence", () => {
    const framing = new FilesFraming();
    const waits = (...bytes: number[]): boolean => {
      Array.from(framing.feed(Buffer.from(bytes)));
      return framing.awaitsSilence;
    };
    expect([waits(), waits(3), waits(1), waits(0), waits(9), waits(1)]).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    Array.from(framing.silence());
    expect(framing.awaitsSilence).toBe(false);
    expect([waits(65), framing.awaitsSilence]).toEqual([true, true]);
  });
});

test("behind a bare text nothing is looked at", () => {
  expect(heard([Buffer.from("bye"), "silence", content(1, Buffer.from("x")), "silence", "end"])).toEqual([
    { kind: "text", text: "bye" },
  ]);
});

test.each([0, ...Array.from({ length: 26 }, (_, i) => i + 6)])(
  "a first byte of %i begins no message, and nothing behind it is looked at",
  (type) => {
    expect(heard([Buffer.of(2, 0, type, 2, 0, 65), "silence", Buffer.of(2, 0), "end"])).toEqual([
      { kind: "begin", size: 0 },
      { kind: "complete" },
      { kind: "unknown", type },
    ]);
  },
);

describe("a length", () => {
  test.each([
    [1, 0],
    [1, 255],
    [2, 0],
    [2, 255],
    [2, 256],
    [2, 65_535],
    [3, 256],
    [3, 65_536],
    [3, 16_777_215],
    [4, 256],
    [4, 65_536],
    [4, 16_777_216],
    [4, 2_147_483_648],
    [4, 4_294_967_295],
  ])("of %i bytes can be %i, and ends where it says", (width, size) => {
    const framing = new FilesFraming();
    const head = Buffer.alloc(1 + width);
    head[0] = 1 + width;
    head.writeUIntLE(size, 1, width);
    const begun = singly(head).flatMap((byte) => [...framing.feed(byte)]);
    expect(begun[0]).toEqual({ kind: "begin", size });
    // All but the last byte, in pieces of 1 MiB at most; the same memory each time.
    const block = Buffer.alloc(1_048_576);
    for (let left = size - 1; left > 0; left -= block.length) {
      const kinds = Array.from(framing.feed(block.subarray(0, left)), ({ kind }) => kind);
      if (kinds.length !== 1) expect(kinds).toEqual(["bytes"]);
    }
    const last = size === 0 ? begun.slice(1) : [...framing.feed(Buffer.of(7))];
    expect(last.at(-1)).toEqual({ kind: "complete" });
    expect([...framing.feed(Buffer.of(2, 0))]).toEqual([{ kind: "begin", size: 0 }, { kind: "complete" }]);
  });

  test.each([1, 2, 3, 4])("of %i bytes, or its content, that the input's end cuts is told as cut", (width) => {
    const whole = content(width, Buffer.from("abc"));
    const kinds = (length: number): string[] => heard([whole.subarray(0, length), "end"]).map(({ kind }) => kind);
    expect(kinds(0)).toEqual([]);
    for (let length = 1; length <= width; length++) expect(kinds(length)).toEqual(["cut"]);
    expect(kinds(width + 1)).toEqual(["begin", "cut"]);
    expect(kinds(whole.length - 1)).toEqual(["begin", "bytes", "cut"]);
    expect(kinds(whole.length)).toEqual(["begin", "bytes", "complete"]);
  });

  test("is not ended by silence, nor is its content", () => {
    const [told, ...rest] = singly(content(4, Buffer.from("abc"))).flatMap((byte) => [byte, "silence"] as const);
    expect(heard([told as Buffer, ...rest])).toEqual([
      { kind: "begin", size: 3 },
      { kind: "bytes", bytes: Buffer.from("abc") },
      { kind: "complete" },
    ]);
  });
});

const seed = freshSeed();

describe(`seed ${seed}`, () => {
  const width = fc.constantFrom(1, 2, 3, 4);
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const contents = fc.tuple(width, bytes).map(([size, body]) => ({ bytes: content(size, body), isString: false }));
  const names = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => ({ bytes: name(text), isString: true }));
  const text = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((it) => (Buffer.from(it)[0] ?? 0) >= 32)
    .map((it) => ({ bytes: Buffer.from(it), isString: true }));
  const unknown = fc.constantFrom(0, 6, 10, 31).map((type) => ({ bytes: Buffer.of(type), isString: false }));
  const messages = fc
    .tuple(fc.array(fc.oneof(contents, names), { maxLength: 6 }), fc.option(fc.oneof(text, unknown)))
    .map(([several, last]) => (last === null ? several : [...several, last]));

  /** Cut where `cuts` says; silence after each string, as its sender waits. */
  function told(parts: readonly { bytes: Buffer; isString: boolean }[], isCut: (at: number) => boolean): Told[] {
    let at = 0;
    const pieces: Told[] = [];
    let piece: number[] = [];
    const flush = (): void => {
      if (piece.length > 0) pieces.push(Buffer.from(piece));
      piece = [];
    };
    for (const part of parts) {
      for (const byte of part.bytes) {
        piece.push(byte);
        if (isCut(at++)) flush();
      }
      if (!part.isString) continue;
      flush();
      pieces.push("silence");
    }
    flush();
    return pieces;
  }

  test("whatever is sent means the same however it is split", () => {
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.boolean()), (parts, cuts) => {
        const whole = heard([...told(parts, () => false), "end"]);
        expect(heard([...told(parts, () => true), "end"])).toEqual(whole);
        expect(heard([...told(parts, () => cuts.next().value === true), "end"])).toEqual(whole);
        const length = parts.reduce((sum, part) => sum + part.bytes.length, 0);
        for (let at = 0; at < length; at++) expect(heard([...told(parts, (i) => i === at), "end"])).toEqual(whole);
        expect(whole.filter(({ kind }) => kind === "complete" || kind === "name").length).toBe(
          parts.filter(({ bytes: [type = 0] }) => type >= 1 && type <= 5).length,
        );
      }),
      { seed, numRuns: 200 },
    );
  });

  test("random bytes are never more than was sent, and end at the end", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 }), (chunks) => {
        const events = heard([...chunks.map((chunk) => Buffer.from(chunk)), "end"]);
        const open = events.filter(({ kind }) => kind === "begin").length;
        const closed = events.filter(({ kind }) => kind === "complete").length;
        expect(open - closed === 0 || (open - closed === 1 && events.at(-1)?.kind === "cut")).toBe(true);
        const sent = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        const out = events.reduce((sum, event) => sum + (event.kind === "bytes" ? event.bytes.length : 0), 0);
        expect(out).toBeLessThanOrEqual(sent);
      }),
      { seed },
    );
  });
});
