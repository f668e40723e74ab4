/** The messages of the JSON door: what its clients send, and what they are answered. */
import * as v from "valibot";
import { LIST_ITEMS } from "../../protocol/limits.ts";

/** Ms that a request waits for its locks where it says nothing. */
const USUAL_WAIT_MS = 5_000;
/** Longer ones are cut to this. */
const LONGEST_WAIT_MS = 60_000;

interface Put {
  readonly key: string;
  readonly value: string;
}

export type JsonCommand =
  | { readonly kind: "read"; readonly keys: readonly string[]; readonly hold: boolean; readonly waitMs: number }
  | { readonly kind: "write"; readonly puts: readonly Put[]; readonly hold: boolean; readonly waitMs: number }
  | {
      readonly kind: "lock";
      readonly keys: readonly string[];
      readonly mode: "shared" | "exclusive";
      readonly waitMs: number;
    }
  | { readonly kind: "unlock"; readonly keys: readonly string[] }
  /** What is none, and why. */
  | { readonly kind: "wrong"; readonly sentence: string };

const KEYS = "`keys` must be a list of texts. Send the keys that are meant.";
const VALUES = "`values` must be a list of texts, one for each key.";

const TOO_MANY = `A message has at most ${LIST_ITEMS} keys, and as many values. Send several messages.`;

/** Counted first: to look at each text of a long list would keep everybody else waiting. */
function texts(sentence: string) {
  const list = v.custom<readonly unknown[]>(Array.isArray, sentence);
  return v.pipe(list, v.maxLength(LIST_ITEMS, TOO_MANY), v.array(v.string(sentence), sentence));
}

const keys = texts(KEYS);
/** Clients in languages that have a word for what is not there may send it. */
const hold_lock = v.nullish(v.boolean("`hold_lock` must be true or false."), false);
const timeout = v.nullish(
  v.pipe(v.number("`timeout` must be a number of seconds."), v.minValue(0, "`timeout` must be 0 or more.")),
);
const mode = v.nullish(v.picklist(["read", "write"], '`mode` must be "read" or "write".'), "read");
const value = v.nullish(v.string("`value` must be a text."));
const values = v.nullish(texts(VALUES));

/** Other fields say nothing. Of those that are known, only the keys must be there. */
const Message = v.variant("command", [
  v.object({ command: v.literal("read"), keys, hold_lock, timeout }, KEYS),
  v.object({ command: v.literal("write"), keys, value, values, hold_lock, timeout }, KEYS),
  v.object({ command: v.literal("lock"), keys, mode, timeout }, KEYS),
  v.object({ command: v.literal("unlock"), keys }, KEYS),
]);
type Message = v.InferOutput<typeof Message>;

/** @param message null for what is no text */
export function parseMessage(message: string | null): JsonCommand {
  if (message === null) return wrong("Messages are text frames, and this was a binary one.");
  let read: unknown;
  try {
    read = JSON.parse(message);
  } catch {
    return wrong("The message is not JSON.");
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) {
    return wrong("A message is a JSON object with a command.");
  }
  const parsed = v.safeParse(Message, read, { abortEarly: true });
  if (parsed.success) return toCommand(parsed.output);
  const [{ type, message: sentence }] = parsed.issues;
  return wrong(type === "variant" ? "Unknown command" : sentence);
}

function toCommand(message: Message): JsonCommand {
  switch (message.command) {
    case "read":
      return { kind: "read", keys: once(message.keys), hold: message.hold_lock, waitMs: waitOf(message) };
    case "write": {
      const values = message.values ?? [message.value ?? []].flat();
      if (values.length !== message.keys.length) return wrong("Must provide equal number of keys and values");
      const puts = message.keys.map((key, i) => ({ key, value: values[i] ?? "" }));
      return { kind: "write", puts, hold: message.hold_lock, waitMs: waitOf(message) };
    }
    case "lock": {
      const mode = message.mode === "read" ? "shared" : "exclusive";
      return { kind: "lock", keys: once(message.keys), mode, waitMs: waitOf(message) };
    }
    case "unlock":
      return { kind: "unlock", keys: once(message.keys) };
  }
}

/** Where keys have no values, one that is named twice means no more than once. */
function once(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)];
}

function waitOf({ timeout }: { readonly timeout?: number | null | undefined }): number {
  return timeout == null ? USUAL_WAIT_MS : Math.min(LONGEST_WAIT_MS, Math.ceil(timeout * 1_000));
}

function wrong(sentence: string): JsonCommand {
  return { kind: "wrong", sentence };
}

export const SUCCESS_ANSWER = '{"success":true}';

export function failureAnswer(sentence: string): string {
  return JSON.stringify({ success: false, error: sentence });
}

/** Written by hand: an object would put keys like `7` before others, and take `__proto__` for something else. */
export function valuesAnswer(entries: readonly Put[]): string {
  const pairs = entries.map(({ key, value }) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{"success":true,"values":{${pairs.join()}}}`;
}
