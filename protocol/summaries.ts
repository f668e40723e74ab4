/** What each request is for, each push says and each error means, for the API document; no client carries them. */
import type { ErrorCode } from "./errors.ts";
import type { PushName } from "./pushes.ts";
import type { RequestName } from "./requests.ts";

export const REQUEST_SUMMARIES: Readonly<Record<RequestName, string>> = {
  get: "The entry at a key, or null; with `revision`, as it was then, as far as the log reaches.",
  read: "Several entries of one moment, and the revision at which the room stood; those that are not there are left out.",
  put: "Sets a key's value.",
  delete: "Deletes a key. The revision is null when nothing was there.",
  write:
    "Puts and deletes several keys: all in one commit or, where a condition does not hold, none. The revision is null when nothing was there to delete.",
  transact:
    "If all conditions hold runs the steps of `then`, otherwise those of `else`: in order, in one commit. A repeat has no results.",
  undo: "Takes back what was changed at a revision, where every key is still as it was left: else `conflict`.",
  touch: "Has a key go after another time than its put said; with null, not by itself. Commits nothing.",
  lock: "Takes locks on all of the keys or on none; waits for those of others for `waitMs`. What the session holds stays.",
  unlock: "Gives up the session's locks on the keys, and its waits for any of them.",
  locks: "Who holds locks in a room and who waits for some; with `follow`, changes are pushed from then on.",
  list: "Entries in the order of their keys' UTF-8 bytes, a page at a time.",
  history: "What the room's log still holds of a key, newest first, a page at a time: `before` a revision.",
  status: "What became of a write. `never` is a promise: it will be refused should it still arrive.",
  upgrade: "Makes the caller a manager.",
  promote: "Makes another user a manager.",
  demote: "Makes a manager a guest; never the last one.",
  rooms: "The users' rooms, in the order of their names' UTF-8 bytes, a page at a time.",
  watch:
    "Follows a room, a key or the keys with a prefix; room `*` is all rooms. Answered with a snapshot, or what is new since `from`.",
  unwatch: "Ends a watch of this connection.",
  watchers: "Who else watches the caller's room; from then on changes are pushed.",
  settle: "Lets the server forget the outcomes of the session's operations up to a counter.",
  batch: "Several requests at once, answered in order: each as if it had come alone.",
  logout: "Ends the session and makes its token worthless.",
};

export const PUSH_SUMMARIES: Readonly<Record<PushName, string>> = {
  session: "The first word on each connection: who the client is, and what holds here.",
  changes: "What changed in a watched room since the last word; the position is the one after it.",
  start: "Where a watch begins, or after a gap begins again: each room of `*`, and each further page.",
  answers: "Answers to the next requests of a batch, where all of them are too much for one message.",
  end: "A watch, or one room of it, is over.",
  watchers: "Who began and who ceased to watch the user's room; at most once a second.",
  locks: "What has become of this session's locks and waits; and how a room's locks stand that it follows.",
  role: "The user's role has changed.",
  bye: "The server is about to close this connection on purpose.",
};

export const ERROR_MEANINGS: Readonly<Record<ErrorCode, string>> = {
  invalid: "The request is malformed; the message says what is wrong with it.",
  unauthenticated: "Unknown user, wrong password, or a token that is no longer good.",
  forbidden: "This user's role does not allow it.",
  name_taken: "Somebody else holds this user name.",
  not_found: "There is no such user or room, or the log does not reach back so far.",
  conflict: "A condition did not hold, a wait would never end, or another connection took over.",
  locked: "Another session holds a lock that is in the way.",
  stale_fence: "The fence is not that of the live lock.",
  too_large: "A key, value, message or answer is above its limit.",
  quota: "A room, the server or a queue is full.",
  rate_limited: "Too many attempts or too much at once; try again later.",
  future_position: "The position is ahead of the room's log.",
  unavailable: "The server cannot be reached or is closing.",
  timeout: "No answer in time, and nothing was changed.",
  unknown_outcome: "The write was sent and may or may not have happened.",
  unsupported: "This server or protocol version does not know the request.",
  internal: "A fault in the server; its log has the details.",
};
