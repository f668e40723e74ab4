/** What `keyroom help COMMAND` and the man page say beyond the tables. */
import type { Topic } from "./local-arguments.ts";

export interface Page {
  /** Paragraphs. */
  readonly about: readonly string[];
  /** Command lines, without what stands in front: `keyroom`, and `HOST PORT` where it is one for a server. */
  readonly examples: readonly string[];
}

export const MANUAL: Readonly<Record<Topic, Page>> = {
  get: {
    about: [
      "Prints the value of KEY on a line, or an empty line where there is no such key; with --strict that is an error (3). On a terminal, control characters are shown and not sent. With --raw the value is printed byte for byte, and no line end behind it.",
      "With --at it is the value as of that REVISION, as far as the server's log reaches back: else that is an error (3).",
    ],
    examples: ["get city", "get city get country", "get city --at 7"],
  },
  put: {
    about: [
      "Sets KEY to VALUE, and prints nothing. VALUE is taken as it is, whatever it begins with, and may be empty. With --from it is the text of FILE, which is UTF-8 and at most 1 MiB. With --ttl the server deletes it when TIME is over: a number of ms, or with a unit, 10s, 5m, 1h, 2d.",
      "A key that somebody else has locked is not written: that is an error (5), which says by whom and since when. With --wait the server lets it wait for its turn, 1m at most. With --fence N, the fence of a live exclusive lock, it counts as that lock's holder; so it does, without --fence, for the keys of the lock under which it runs, by LOCK_FENCE. All this goes for delete, write, undo, touch and import, too.",
    ],
    examples: ["put city Kolkata", "put notes --from notes.txt", "put code 4711 --ttl 5m"],
  },
  read: {
    about: [
      "Prints the values of all KEYs as they were at one moment, each on a line, and an empty line for a key that is not there; with --strict that is an error (3). A word that begins with - is an option here, and no KEY.",
    ],
    examples: ["read city country"],
  },
  write: {
    about: [
      "Puts and deletes any number of keys in one change: all of it is done, or nothing. It prints nothing, and no other command stands behind it. A key may be named once.",
    ],
    examples: ["write put city Rome put country Italy delete state"],
  },
  undo: {
    about: [
      "Takes back what was changed at REVISION, as a change of its own, and prints nothing. Where one of those keys was changed since, nothing is done (5). Where the server's log does not reach back so far, that is an error (3). history names the revisions.",
    ],
    examples: ["undo 7"],
  },
  touch: {
    about: [
      "Has KEY go when TIME is over, from now on, or not by itself with never. TIME is a number of ms, or one with a unit: 10s, 5m, 1h, 2d. The value stays as it is, so that no watch is told of it. A key that is not there is no error, but with --strict (3).",
    ],
    examples: ["touch code 10m", "touch code never"],
  },
  lock: {
    about: [
      "Locks all of the KEYs, runs CMD, and gives them up. Nobody else can write them meanwhile; with --shared nor can CMD, and others may hold them so, too. Anybody may read. A word that begins with - is an option here, and no KEY.",
      "Whoever asks first comes first. It says behind whom it waits, 1m at most and by default; with --no-wait, or when that is over, it ends with 5 and runs nothing. Ctrl-C gives up the wait (130).",
      "CMD has the standard input and outputs of this process, and in its environment LOCK_FENCE, the number of the grant, LOCK_ROOM and LOCK_KEYS, a list in JSON. A keyroom inside CMD that writes one of these keys by a command, import among them, sends the fence by itself; --lines and the menu do not. A lock inside CMD is one of its own: what runs in it knows the inner fence only. Ctrl-C and other signals are for CMD, and it ends with CMD's exit code, 128 and the number of the signal where one has ended it, or 127 or 126 where there is no such CMD.",
      "If the lock is lost, it says so, ends CMD and what that has started by SIGTERM, and 5 s later by SIGKILL, and ends with 5. That happens when the server was not heard for as long as it keeps a session, when the room is deleted, and when the --lease is over. What CMD writes by its fence is refused from then on.",
    ],
    examples: ["lock city -- ./rename-city.sh", "lock city country --shared --wait 10s -- make report"],
  },
  locks: {
    about: [
      "Prints who holds the locks of the room: key, mode, user and since when, with tabs between them; and then who waits, with a fifth field that says behind whom.",
    ],
    examples: ["locks"],
  },
  history: {
    about: [
      "Prints the changes of KEY that the server's log still has, the newest first, each on a line: revision, time, user and value, with tabs between them. A deleted key has an empty value and a fifth field, deleted.",
    ],
    examples: ["history city"],
  },
  delete: {
    about: ["Deletes KEY, and prints nothing. A key that is not there is no error, but with --strict (3)."],
    examples: ["delete city"],
  },
  list: {
    about: ["Prints the keys, one on a line, in the order of their UTF-8 bytes. With --json their entries."],
    examples: ["list --prefix user:"],
  },
  watch: {
    about: [
      "Prints what is there, and then each change as it happens, an object of JSON on a line for each, until it is interrupted. It reconnects by itself, and what happened meanwhile follows. Where the server no longer has all changes, the kind of an event is gap, and it holds what there is now; with --strict that ends it (8).",
      "With --save the position is kept in FILE, behind the last line; --from begins there. Give both the same file, and no change is missed between two runs.",
      'With --exec nothing is printed. CMD is run by the shell (sh -c), once for each event, in order, one at a time, with the event\'s line on its standard input. Its environment has KEYROOM_ROOM, KEYROOM_KIND (snapshot, change, gap or end), KEYROOM_REVISION, KEYROOM_BY and, where it is about one key, KEYROOM_KEY. Others wrote them: write "$KEYROOM_KEY" with the quotes. A CMD that fails is said, and the watch goes on; with --strict it ends with 1. The position is kept behind what CMD has ended for. Whatever ends the watch ends CMD, too.',
    ],
    examples: [
      "watch --prefix user:",
      "watch --from place.json --save place.json",
      "watch --key city --exec 'notify-send \"city is new\"'",
    ],
  },
  live: {
    about: [
      "A full screen for managers: rooms and keys as they change, newest first or as a table, with how many a second. r shows one room, / keys that begin alike, space pauses and loses nothing, Enter shows a key with its history, q goes back. A guest sees the own room.",
      "It needs a terminal: elsewhere, use watch. Where TERM is dumb, or with ACCESSIBLE=1, it prints lines instead.",
    ],
    examples: ["live", "live --room alice --room bob"],
  },
  export: {
    about: [
      "Writes the entries of the room as they are at one moment, an object of JSON on a line for each, in the order of list. FILE is replaced when all is there, and only you can read it. Without FILE, or with -, they go to the standard output. With --room '*' a manager exports all rooms, and each line names its room.",
    ],
    examples: ["export city.jsonl", "export all.jsonl --room '*'"],
  },
  import: {
    about: [
      "Puts the key and the value of each line that export has written, from FILE or the standard input; revisions, times and authors are made anew. Keys that are not in FILE stay. It stops at the first bad line, says which, and how many keys were put. Up to 1,000 lines leave at once, so that some behind one that the server refuses may be put all the same: it counts them. With --wait, which lets each line wait for the locks of others, it puts one after the other, which is slower, and nothing behind that line. With --room '*' a manager imports into all rooms, where the same users are.",
    ],
    examples: ["import city.jsonl", "import all.jsonl --room '*'"],
  },
  rooms: {
    about: [
      "Prints the names of all rooms, one on a line. With --json also how many keys each has, and who is online.",
    ],
    examples: ["rooms"],
  },
  whoami: { about: ["Prints the user's name and role."], examples: ["whoami"] },
  upgrade: {
    about: [
      "Makes you a manager. The passphrase comes from --passphrase-file, from KEYROOM_PASSPHRASE, or is asked for.",
    ],
    examples: ["upgrade rooms"],
  },
  promote: { about: ["Makes USER a manager."], examples: ["promote ann"] },
  demote: { about: ["Makes the manager USER a guest. The last manager stays one."], examples: ["demote ann"] },
  status: {
    about: [
      "Prints what became of a write whose outcome was unknown (exit code 7): committed and its revision, refused and why, never, or unknown where the server has forgotten it. OP is the operation that the error names. With --strict it ends with 0 only for a committed write, with 7 for unknown, with 3 for never, and else with the code of the refusal.",
    ],
    examples: ["status Vd8kQ2hZx0aBcDeFgHiJkL:3"],
  },
  logout: {
    about: ["Ends the session. Its token is worthless from then on, and no longer kept here."],
    examples: ["logout"],
  },
  help: {
    about: ["Prints all commands and options, or what there is to say of one command."],
    examples: ["help watch"],
  },
  doctor: {
    about: [
      "Tries everything a connection needs, from the name to the round trip, says for each whether it is ok, and for each problem what to do. It ends with 0 when there is no problem, with 6 when the server cannot be reached, and else with 1; with --strict a warning counts as a problem. With --user it signs in as that user, else as a guest.",
    ],
    examples: ["doctor 127.0.0.1 3000", "doctor --tls keyroom.example 443"],
  },
  profile: {
    about: [
      "Keeps the place of a server under a NAME, and with it the --user, --room, --tls and --ca that stand behind it. Then --profile NAME stands for HOST PORT.",
    ],
    examples: ["profile add lab 127.0.0.1 3000 --user ada", "--profile lab get city"],
  },
  completion: {
    about: [
      "Prints a script that makes the shell complete commands, options and files with Tab. In bash: source <(keyroom completion bash), in ~/.bashrc. In zsh: source <(keyroom completion zsh), in ~/.zshrc behind compinit. In fish: keyroom completion fish > ~/.config/fish/completions/keyroom.fish.",
    ],
    examples: ["completion bash"],
  },
};

/** Variables of the environment and what they are for. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  KEYROOM_USER: "the user, as with --user",
  KEYROOM_PASSWORD: "his password",
  KEYROOM_PASSPHRASE: "the manager passphrase, for upgrade",
  KEYROOM_PROFILE: "the profile, as with --profile, where no HOST PORT is given",
  LOCK_FENCE: "the fence that writes send: lock sets it for the command that it runs",
  LOCK_ROOM: "the room of that lock; without it, LOCK_FENCE is for all rooms",
  LOCK_KEYS: "its keys, a list in JSON; without it, LOCK_FENCE is for all keys",
  XDG_CONFIG_HOME: "the folder in which keyroom/tokens.json and keyroom/profiles.json are; ~/.config by default",
  XDG_STATE_HOME: "the folder in which keyroom/ keeps where things stood; ~/.local/state by default",
  VISUAL: "the editor for a value of several lines; else that of EDITOR",
  ACCESSIBLE: "with 1, nothing is drawn over: numbered choices, and lines below each other",
  NO_COLOR: "no colours",
  FORCE_COLOR: "colours also where no terminal is",
};
