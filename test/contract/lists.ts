import { describe, expect, test } from "@jest/globals";
import type { Entry } from "../../protocol/fields.ts";
import { FIXED_LIMITS } from "../../protocol/limits.ts";
import type { Engine } from "../../server/engine/port.ts";
import { commit, keysOf, type MakeEngine, pageOf, put, remove } from "./kit.ts";

/** U+FF5E is one code unit and above the surrogates; U+1F600 is two of them, and above it in UTF-8. */
const IN_BYTE_ORDER = ["\0", "a", "a\0", "aa", "ab", "b", "ß", "～", "～a", "😀", "😀～", "😀😀"];

async function engineWith(make: MakeEngine, keys: readonly string[]): Promise<Engine> {
  const engine = make();
  await engine.run(
    "ann",
    keys.map((key) => put(key, "v")),
  );
  return engine;
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
}

export function listContract(make: MakeEngine): void {
  describe("lists", () => {
    test("are in the order of UTF-8 bytes, whatever the order of the writes", async () => {
      for (const written of [IN_BYTE_ORDER, IN_BYTE_ORDER.toReversed(), IN_BYTE_ORDER.toSorted()]) {
        expect(await keysOf(await engineWith(make, written), "ann")).toEqual(IN_BYTE_ORDER);
      }
    });

    test("hold whole entries, and the position of the room", async () => {
      const engine = await engineWith(make, ["b", "a"]);
      expect(await pageOf(engine, "ann")).toEqual({
        kind: "page",
        entries: [
          { key: "a", value: "v", revision: 2, version: 1, updatedAt: expect.any(Number), updatedBy: "ann" },
          { key: "b", value: "v", revision: 1, version: 1, updatedAt: expect.any(Number), updatedBy: "ann" },
        ],
        more: false,
        position: { epoch: expect.any(String), revision: 2, tag: expect.any(Number) },
      });
    });

    test("of an empty room are empty", async () => {
      expect(await pageOf(make(), "ann")).toMatchObject({ entries: [], more: false });
    });

    test("by prefix have all keys that begin with it, itself included, and no others", async () => {
      const engine = await engineWith(make, IN_BYTE_ORDER);
      expect(await keysOf(engine, "ann", { prefix: "a" })).toEqual(["a", "a\0", "aa", "ab"]);
      expect(await keysOf(engine, "ann", { prefix: "～" })).toEqual(["～", "～a"]);
      expect(await keysOf(engine, "ann", { prefix: "😀" })).toEqual(["😀", "😀～", "😀😀"]);
      expect(await keysOf(engine, "ann", { prefix: "ac" })).toEqual([]);
      expect(await keysOf(engine, "ann", { prefix: "abc" })).toEqual([]);
    });

    test("after a key begin behind it, whether it exists or not", async () => {
      const engine = await engineWith(make, IN_BYTE_ORDER);
      for (const [i, after] of IN_BYTE_ORDER.entries()) {
        expect(await keysOf(engine, "ann", { after })).toEqual(IN_BYTE_ORDER.slice(i + 1));
      }
      expect(await keysOf(engine, "ann", { after: "" })).toEqual(IN_BYTE_ORDER);
      expect(await keysOf(engine, "ann", { after: "c" })).toEqual(IN_BYTE_ORDER.slice(6));
      expect(await keysOf(engine, "ann", { after: "\u{1ffff}" })).toEqual([]);
    });

    test("by prefix and after a key obey both", async () => {
      const engine = await engineWith(make, IN_BYTE_ORDER);
      expect(await keysOf(engine, "ann", { prefix: "a", after: "" })).toEqual(["a", "a\0", "aa", "ab"]);
      expect(await keysOf(engine, "ann", { prefix: "a", after: "\0" })).toEqual(["a", "a\0", "aa", "ab"]);
      expect(await keysOf(engine, "ann", { prefix: "a", after: "a" })).toEqual(["a\0", "aa", "ab"]);
      expect(await keysOf(engine, "ann", { prefix: "a", after: "a\u0001" })).toEqual(["aa", "ab"]);
      expect(await keysOf(engine, "ann", { prefix: "a", after: "ab" })).toEqual([]);
      expect(await keysOf(engine, "ann", { prefix: "a", after: "b" })).toEqual([]);
    });

    test("stop at the limit and say whether there is more", async () => {
      const engine = await engineWith(make, IN_BYTE_ORDER);
      for (const limit of [1, 5, 11]) {
        const page = await pageOf(engine, "ann", { limit });
        expect(page.entries.map(({ key }) => key)).toEqual(IN_BYTE_ORDER.slice(0, limit));
        expect(page.more).toBe(true);
      }
      expect(await pageOf(engine, "ann", { limit: 12 })).toMatchObject({ more: false });
      expect(await pageOf(engine, "ann", { prefix: "a", limit: 4 })).toMatchObject({ more: false });
    });

    test("forget deleted keys, and only those", async () => {
      const engine = await engineWith(make, IN_BYTE_ORDER);
      await engine.run("ann", [remove("a"), remove("😀"), put("b", "again")]);
      expect(await keysOf(engine, "ann")).toEqual(IN_BYTE_ORDER.filter((key) => key !== "a" && key !== "😀"));
    });

    test("keep a page within its bytes and lose nothing between pages", async () => {
      const engine = make();
      const value = "é".repeat(60_000);
      const keys = Array.from({ length: 30 }, (_, i) => `k${String(i).padStart(2, "0")}`);
      await engine.run("ann", [commit({ puts: keys.map((key) => ({ key, value })) })]);
      const seen: string[] = [];
      for (let after = "", more = true; more; ) {
        const page = await pageOf(engine, "ann", { after });
        expect(bytesOf(page.entries)).toBeLessThanOrEqual(FIXED_LIMITS.pageBytes);
        expect(page.entries.length).toBeGreaterThan(0);
        seen.push(...page.entries.map(({ key }) => key));
        more = page.more;
        after = seen.at(-1) ?? "";
      }
      expect(seen).toEqual(keys);
    });

    test("have at least one entry, also when it alone is above the page's bytes", async () => {
      const engine = make();
      const value = "x".repeat(FIXED_LIMITS.valueBytes);
      await engine.run("ann", [put("a", value), put("b", value)]);
      const page = await pageOf(engine, "ann");
      expect(page.entries.map(({ key }) => key)).toEqual(["a"]);
      expect(page.more).toBe(true);
      expect(await keysOf(engine, "ann", { after: "a" })).toEqual(["b"]);
    });
  });
}
