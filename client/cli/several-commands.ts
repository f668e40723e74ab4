/** Commands that are about several keys at one moment. */
import type { Changes } from "../sdk/index.ts";
import { CLAIMING, inRoom, missing, need, SILENT, takeKey, takeKeys, taken } from "./command-parts.ts";
import { UsageError } from "./errors.ts";
import { claimOf } from "./outer-lock.ts";
import type { Words } from "./words.ts";

export const read = {
  ...inRoom({ "read KEY...": "print their values as of one moment" }, (words) => {
    const keys = takeKeys(words, "read KEY...");
    return taken({ keys }, async ({ room, strict }) => {
      const json = await room.read([...new Set(keys)]);
      const values = new Map(json.entries.map(({ key, value }) => [key, value]));
      const gone = keys.find((key) => !values.has(key));
      if (gone !== undefined && strict) throw missing(gone);
      return { lines: keys.map((key) => values.get(key) ?? ""), json };
    });
  }),
  last: "read takes all words behind it for keys",
};

export const write = {
  ...inRoom(
    { "write put K V delete K...": "put and delete any number, all or none" },
    (words) => {
      const changes = takeChanges(words);
      const keys = [...changes.puts.map(({ key }) => key), ...changes.deletes];
      return taken({ keys }, async (context) => {
        const json = await context.room.write(changes, claimOf(context, keys));
        return { ...SILENT, json };
      });
    },
    CLAIMING,
  ),
  last: "write takes each put KEY VALUE and delete KEY behind it, and nothing else",
};

function takeChanges(words: Words): Required<Pick<Changes, "puts" | "deletes">> {
  const puts: { key: string; value: string }[] = [];
  const deletes: string[] = [];
  for (let word = words.peek(); word === "put" || word === "delete"; word = words.peek()) {
    words.take();
    const key = takeKey(words, "write put KEY VALUE delete KEY");
    if (word === "delete") deletes.push(key);
    else puts.push({ key, value: need(words, "write put KEY VALUE") });
  }
  if (puts.length + deletes.length > 0 || words.peek() === "--help") return { puts, deletes };
  throw new UsageError("write needs what to do behind it: write put KEY VALUE delete KEY, any number of each.");
}
