/** Events as watches tell them, and what the live view makes of them. */
import { type KeyPress, keyPress } from "../../client/live/key-press.ts";
import { LiveModel } from "../../client/live/model.ts";
import type { Status } from "../../client/live/status.ts";
import { FIRST_UI, pressed, type Ui } from "../../client/live/ui.ts";
import { type Screen, screenOf } from "../../client/live/view.ts";
import type { Entry, WatchEvent } from "../../client/sdk/index.ts";

/** Three past two in the afternoon, wherever the test runs. */
export const NOON = new Date(2026, 0, 1, 14, 3, 12).getTime();

const POSITION = { epoch: "e", revision: 1, tag: 1 };

export function entry(key: string, value: string, more: Partial<Entry> = {}): Entry {
  return { key, value, revision: 1, version: 1, updatedAt: NOON, updatedBy: "bob", ...more };
}

export function snapshot(room: string, ...puts: readonly Entry[]): WatchEvent {
  return { kind: "snapshot", reset: true, room, position: POSITION, puts, deletes: [] };
}

interface Told {
  readonly at?: number;
  readonly by?: string;
  readonly revision?: number;
}

export function put(room: string, key: string, value: string, told: Told = {}): WatchEvent {
  const { at = NOON, by = room, revision = 1 } = told;
  const puts = [entry(key, value, { updatedAt: at, updatedBy: by, revision })];
  return { kind: "change", reset: false, room, position: { ...POSITION, revision }, at, by, puts, deletes: [] };
}

export function remove(room: string, key: string, { at = NOON, by = room, revision = 1 }: Told = {}): WatchEvent {
  const position = { ...POSITION, revision };
  return { kind: "change", reset: false, room, position, at, by, puts: [], deletes: [key] };
}

export function gap(room: string, puts: readonly Entry[], deletes: readonly string[], reset = false): WatchEvent {
  return { kind: "gap", reset, room, position: POSITION, puts, deletes };
}

export function end(room: string, reason: string): WatchEvent {
  return { kind: "end", room, reason };
}

/** A model that was told these events, all at once. */
export function told(events: readonly WatchEvent[], now = NOON): LiveModel {
  const model = new LiveModel();
  for (const event of events) model.apply(event, now);
  return model;
}

export const STATUS: Status = {
  server: "127.0.0.1:3000",
  connection: "connected",
  retry: null,
  watched: ["*"],
  watching: "live",
  hasWaiting: false,
};

const NAMED: Readonly<Record<string, string>> = { " ": "space", "\r": "return" };

/** A letter, or a key by Node's name for it. */
export function key(what: string): KeyPress {
  const isLetter = [...what].length === 1;
  return keyPress(isLetter ? what : undefined, { name: NAMED[what] ?? what });
}

/** A live view without watches and terminal. */
export class LivePicture {
  readonly #model: LiveModel;
  readonly #size: { readonly columns: number; readonly rows: number };
  ui: Ui = FIRST_UI;
  now = NOON;
  status = STATUS;
  isUnicode = true;

  constructor(model: LiveModel, columns = 80, rows = 16) {
    this.#model = model;
    this.#size = { columns, rows };
  }

  get screen(): Screen {
    const { ui, now, status, isUnicode } = this;
    return screenOf({ model: this.#model, ui, now, status, isUnicode, ...this.#size });
  }

  /** The screen as one text, without what is empty at the ends of lines. */
  get text(): string {
    return this.screen.lines.map((line) => line.trimEnd()).join("\n");
  }

  press(...keys: readonly string[]): void {
    for (const each of keys) {
      const { height, openedLines } = this.screen;
      this.ui = pressed(this.ui, key(each), { model: this.#model, now: this.now, height, openedLines });
      this.#model.show(this.ui.filter);
    }
  }
}
