/** Commands that are about one key, or one change. */
import { LifeMs, RevisionInput } from "../../protocol/input-fields.ts";
import { parse } from "../../protocol/parse.ts";
import { duration, wholeNumber } from "./behind.ts";
import { CLAIMING, inRoom, missing, need, SILENT, takeKey, taken } from "./command-parts.ts";
import { claimOf } from "./outer-lock.ts";

export const get = inRoom(
  { "get KEY": "print its value, or an empty line", "  [--at REVISION]": "as it was then" },
  (words) => {
    const key = takeKey(words, "get KEY");
    return taken({ key }, async ({ room, strict, at }) => {
      const entry = await room.get(key, at === undefined ? {} : { revision: at });
      if (entry === null && strict) throw missing(key);
      const value = entry?.value ?? "";
      return { lines: [value], json: { entry }, raw: value };
    });
  },
  ["--at"],
);

export const put = inRoom(
  {
    "put KEY VALUE": "set it; VALUE is taken as it is",
    "put KEY --from FILE": "set it to a file's text; - is the standard input",
    "  [--ttl TIME]": "only for so long: 10s, 5m, 1h, 2d, or ms",
    "  [--wait TIME]": "for the locks of others; also delete, write...",
    "  [--fence N]": "that of a lock, or LOCK_FENCE; likewise",
  },
  (words) => {
    const key = takeKey(words, "put KEY VALUE");
    const value = need(words, "put KEY VALUE");
    const from = value === "--from" ? need(words, "put KEY --from FILE") : undefined;
    return taken(
      { key },
      async (context) => {
        const { room, readValue, ttlMs } = context;
        const text = from === undefined ? value : await readValue(from);
        const options = { ...claimOf(context, [key]), ...(ttlMs !== undefined && { ttlMs }) };
        return { ...SILENT, json: await room.put(key, text, options) };
      },
      from,
    );
  },
  ["--ttl", ...CLAIMING],
);

export const remove = inRoom(
  { "delete KEY": "delete it" },
  (words) => {
    const key = takeKey(words, "delete KEY");
    return taken({ key }, async (context) => {
      const json = await context.room.delete(key, claimOf(context, [key]));
      if (!json.existed && context.strict) throw missing(key);
      return { ...SILENT, json };
    });
  },
  CLAIMING,
);

export const history = inRoom({ "history KEY": "print its changes: revision, time, who, value" }, (words) => {
  const key = takeKey(words, "history KEY");
  return taken({ key }, async (context) => (await import("./history.ts")).historyOf(key, context));
});

export const undo = inRoom(
  { "undo REVISION": "take back what was changed then" },
  (words) => {
    const text = need(words, "undo REVISION");
    const revision = parse(RevisionInput, "REVISION", wholeNumber("undo", text));
    return taken({ undone: text }, async (context) => {
      const json = await context.room.undo(revision, claimOf(context));
      return { ...SILENT, json };
    });
  },
  CLAIMING,
);

export const touch = inRoom(
  { "touch KEY TIME": "have it go after TIME from now, or never" },
  (words) => {
    const key = takeKey(words, "touch KEY TIME");
    const time = need(words, "touch KEY TIME");
    const ttlMs = time === "never" ? null : parse(LifeMs, "TIME", duration("touch", time));
    return taken({ key }, async (context) => {
      const json = await context.room.touch(key, ttlMs, claimOf(context, [key]));
      if (!json.existed && context.strict) throw missing(key);
      return { ...SILENT, json };
    });
  },
  CLAIMING,
);
