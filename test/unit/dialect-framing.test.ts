import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  LATE_SEGMENT_MS,
  looksLikeHttp,
  MAX_MESSAGE_BYTES,
  type Message,
  SILENCE_MS,
  TextFraming,
} from "../../server/dialects/text-framing.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { freshSeed } from "../support/random.ts";

const seed = freshSeed();

/** A stream of bytes that arrive when a test says so, and what is taken out of it, with the time. */
class Stream {
  readonly clock = new ManualClock();
  readonly framing = new TextFraming();
  readonly taken: Message[] = [];
  readonly times: number[] = [];
  #cancel: () => void = () => undefined;

  comes(bytes: string | Uint8Array): this {
    this.framing.feed(Buffer.from(bytes as string), this.clock.monotonic());
    return this.#take();
  }

  /** Nothing comes for so long. */
  silence(ms: number): this {
    this.clock.advance(ms);
    return this;
  }

  ends(): this {
    this.framing.end();
    return this.#take();
  }

  get texts(): (string | Message["kind"])[] {
    return this.taken.map((message) => (message.kind === "text" ? message.text : message.kind));
  }

  #take(): this {
    this.#cancel();
    for (;;) {
      const message = this.framing.take(this.clock.monotonic());
      if (message === null) break;
      this.taken.push(message);
      this.times.push(this.clock.monotonic());
    }
    const { due } = this.framing;
    if (due !== null) this.#cancel = this.clock.after(due - this.clock.monotonic(), () => void this.#take());
    return this;
  }
}

describe("without newlines", () => {
  test("what has come is a message after 30 ms of silence, and not before", () => {
    const stream = new Stream().comes("get ").silence(29).comes("a").silence(29);
    expect(stream.texts).toEqual([]);
    expect(stream.silence(1).texts).toEqual(["get a"]);
    expect(stream.times).toEqual([29 + SILENCE_MS]);
    expect(stream.framing.due).toBeNull();
    expect(stream.comes("get b").silence(30).texts).toEqual(["get a", "get b"]);
    expect(stream.framing.isInLines).toBe(false);
  });

  test("more than 1,024 bytes wait for a late segment, 200 ms", () => {
    const short = new Stream().comes("x".repeat(1_024)).silence(30);
    expect(short.texts).toEqual(["x".repeat(1_024)]);
    const long = new Stream().comes("x".repeat(1_025)).silence(199).comes("y").silence(199);
    expect(long.texts).toEqual([]);
    expect(long.silence(1).texts).toEqual([`${"x".repeat(1_025)}y`]);
  });

  test.each(["é", "日", "🦊"])("a part of %s waits for the rest, 200 ms", (character) => {
    const bytes = Buffer.from(`a${character}`);
    for (let cut = 2; cut < bytes.length; cut++) {
      const stream = new Stream().comes(bytes.subarray(0, cut)).silence(LATE_SEGMENT_MS - 1);
      expect(stream.texts).toEqual([]);
      expect(stream.comes(bytes.subarray(cut)).silence(SILENCE_MS).texts).toEqual([`a${character}`]);
      expect(new Stream().comes(bytes.subarray(0, cut)).silence(LATE_SEGMENT_MS).texts).toEqual(["no text"]);
    }
  });

  test("the end is as good as silence", () => {
    expect(new Stream().comes("get a").ends().texts).toEqual(["get a"]);
    expect(new Stream().ends().texts).toEqual([]);
  });

  test.each(["ann", "put clé vålüe", "get 日本 🦊", "x".repeat(1_025)])("however %s is cut in two", (text) => {
    const bytes = Buffer.from(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const stream = new Stream().comes(bytes.subarray(0, cut)).silence(29).comes(bytes.subarray(cut));
      expect(stream.silence(LATE_SEGMENT_MS).texts).toEqual([text]);
    }
  });

  test("byte by byte", () => {
    const stream = new Stream();
    for (const byte of Buffer.from("put 日本 🦊")) stream.comes(Buffer.of(byte)).silence(29);
    expect(stream.silence(1).texts).toEqual(["put 日本 🦊"]);
  });

  test(`however messages are cut (seed ${seed})`, () => {
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((s) => !s.includes("\n"));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.infiniteStream(fc.nat(6)), fc.infiniteStream(fc.nat(29)))), (messages) => {
        const stream = new Stream();
        for (const [message, sizes, gaps] of messages) {
          let left = Buffer.from(message);
          for (const size of sizes) {
            stream.comes(left.subarray(0, size));
            left = left.subarray(size);
            if (left.length === 0) break;
            stream.silence(gaps.next().value);
          }
          stream.silence(LATE_SEGMENT_MS);
        }
        expect(stream.texts).toEqual(messages.map(([message]) => message));
      }),
      { seed },
    );
  });
});

describe("from the first newline on", () => {
  test("one line is one message, and silence is none", () => {
    const stream = new Stream().comes("ann\nget a\r\n\nget");
    expect(stream.texts).toEqual(["ann", "get a", ""]);
    expect(stream.framing.isInLines).toBe(true);
    expect(stream.silence(10_000).texts).toHaveLength(3);
    expect(stream.comes(" b\n").texts).toEqual(["ann", "get a", "", "get b"]);
  });

  test("what came before silence is a message of its own; answers end in a newline only behind the first line", () => {
    const stream = new Stream().comes("ann").silence(30);
    expect([stream.texts, stream.framing.isInLines]).toEqual([["ann"], false]);
    stream.comes("get").silence(29).comes(" a\nget b");
    expect([stream.texts, stream.framing.isInLines]).toEqual([["ann", "get a"], true]);
  });

  test("half a line at the end is none: the rest of it was lost", () => {
    expect(new Stream().comes("ann\nput city Kol").ends().texts).toEqual(["ann"]);
  });

  test(`however lines are cut, and whatever silence is between (seed ${seed})`, () => {
    const line = fc.string({ unit: "binary", maxLength: 40 }).filter((s) => !/[\n\r]/.test(s));
    const end = fc.constantFrom("\n", "\r\n");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, end)),
        fc.infiniteStream(fc.nat(9)),
        fc.infiniteStream(fc.constantFrom(0, 1, 29, 30, 200, 1_000)),
        (lines, sizes, gaps) => {
          const stream = new Stream().comes("\n");
          let left = Buffer.from(lines.flat().join(""));
          for (const size of sizes) {
            stream.comes(left.subarray(0, size)).silence(gaps.next().value);
            left = left.subarray(size);
            if (left.length === 0) break;
          }
          expect(stream.texts).toEqual(["", ...lines.map(([text]) => text)]);
        },
      ),
      { seed },
    );
  });
});

describe("what is none", () => {
  test("bytes that are no UTF-8; what follows is understood", () => {
    expect(new Stream().comes(Buffer.of(0xff, 0x61)).silence(30).comes("get a").silence(30).texts).toEqual([
      "no text",
      "get a",
    ]);
    expect(new Stream().comes(Buffer.of(0xc3, 0x0a, 0x61, 0x0a)).texts).toEqual(["no text", "a"]);
  });

  test("a mark of the order of bytes is a character like others", () => {
    expect(new Stream().comes("\ufeffann\n").texts).toEqual(["\ufeffann"]);
  });

  const most = "x".repeat(MAX_MESSAGE_BYTES);

  test("64 KiB is a message, and one byte more is none, in lines", () => {
    expect(new Stream().comes(`${most}\n`).texts).toEqual([most]);
    expect(new Stream().comes(`${most}y\nget a\n`).texts).toEqual(["too long", "get a"]);
    expect(new Stream().comes(most).comes("y\nget a\n").texts).toEqual(["too long", "get a"]);
  });

  test("64 KiB is a message, and one byte more is none, before silence", () => {
    expect(new Stream().comes(most).silence(200).texts).toEqual([most]);
    const stream = new Stream().comes(most).comes("y").silence(199);
    expect(stream.texts).toEqual([]);
    expect(stream.silence(1).comes("get a").silence(30).texts).toEqual(["too long", "get a"]);
  });

  test("a message without end is not kept", () => {
    const framing = new TextFraming();
    const piece = Buffer.from(most);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_024; i++) {
      framing.feed(piece, 0);
      expect(framing.take(0)).toBeNull();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MAX_MESSAGE_BYTES);
    expect(framing.take(LATE_SEGMENT_MS)).toEqual({ kind: "too long" });
  });
});

test.each([
  "GET / HTTP/1.1",
  "POST /ann HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "GET http://127.0.0.1:1601/ HTTP/1.1",
  "GET /the-rest-comes-la",
  "PRI * HTTP/2.0",
  "get x HTTP/1.1",
])("%s looks like HTTP", (line) => {
  expect(looksLikeHttp(line)).toBe(true);
});

test.each(["ann", "GET", "get a", "put a HTTP/", "get /a", "GET a", "Host: 127.0.0.1", ""])("%j does not", (line) => {
  expect(looksLikeHttp(line)).toBe(false);
});
