/** What a one-shot command is. */
import type { KeyroomError, Room, Store } from "../sdk/index.ts";
import type { Behind, BehindName } from "./behind.ts";
import type { OuterLock } from "./outer-lock.ts";
import type { Words } from "./words.ts";

/** What a command works with. */
export interface Context extends Behind {
  readonly store: Store;
  /** Whose keys it means. */
  readonly room: Room;
  readonly roomName: string;
  /** The rooms that were named, where it takes several; none where none was. */
  readonly rooms: readonly string[];
  /** The command behind `--`, for those that run one. */
  readonly argv: readonly string[];
  /** The lock under which this process runs. */
  readonly outerLock: OuterLock | undefined;
  /** Whether a missing key is an error. */
  readonly strict: boolean;
  /** Shows these rooms on the terminal as they change, until the user has enough. */
  live(store: Store, rooms: readonly string[]): Promise<void>;
  /** The manager passphrase, as far as one is at hand. */
  passphrase(): Promise<string | undefined>;
  /** A value from a file; `-` is the standard input. */
  readValue(file: string): Promise<string>;
  /** Forgets the token that was kept for the next sign-in. */
  forgetToken(): Promise<void>;
  /** Prints an object before the command is done, as JSON on a line; false when nobody reads any more. */
  print(value: object): Promise<boolean>;
  /** Writes text as it is, and waits until it is out; false when nobody reads any more. */
  write(text: string): Promise<boolean>;
  readonly stdin: NodeJS.ReadStream;
  /** Where long work may tell how far it is; null where nobody is to be told. */
  readonly progressOn: NodeJS.WriteStream | null;
  /** Says what went wrong to people, before the command is done. */
  say(sentence: string): void;
  /** Says what is good to know, to people who have not asked for quiet. */
  note(sentence: string): void;
}

export interface Result {
  /** For people and scripts: each is printed on a line of its own, a list as fields with tabs between them. */
  readonly lines: readonly (string | readonly string[])[];
  /** For `--json`, beside the command's name and subject; null where nothing is to be said. */
  readonly json: object | null;
  /** For `--raw`, instead of the lines: as it is. */
  readonly raw?: string;
  /** What it comes to, told behind the lines, where the user asked to be strict. */
  readonly failure?: KeyroomError;
  /** What the process ends with, where the command itself does not decide. */
  readonly exit?: number;
}

export type Subject = Readonly<Record<string, string | readonly string[]>>;

/** A command with its words, ready to run. */
export interface Taken {
  /** What it is about, without secrets and values: for `--json` and for error sentences. */
  readonly subject: Subject;
  /** Where it reads its value from, if it does. */
  readonly from: string | undefined;
  run(context: Context): Promise<Result>;
}

export interface CommandSpec {
  /** Each way to write it, and what that does. */
  readonly usage: Readonly<Record<string, string>>;
  /** Whether it works on a room, so that `--room` may stand behind it. */
  readonly inRoom: boolean;
  /** Whether that room may be `*`. */
  readonly ofAllRooms?: true;
  /** Whether `--room` may stand behind it more than once. */
  readonly manyRooms?: true;
  /** Further options that may stand behind it. */
  readonly options: readonly BehindName[];
  /** Why no other command can stand behind it, where none can. */
  readonly last?: string;
  /** Whether `--` and a command of the user's stand behind it. */
  readonly runsCommand?: true;
  /** @throws UsageError when words are missing, KeyroomError when one cannot be */
  take(words: Words): Taken;
}
