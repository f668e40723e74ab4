import { PassThrough, Writable } from "node:stream";
import { expect } from "@jest/globals";
import xterm from "@xterm/headless";

/** What keys send. */
export const KEYS = { enter: "\r", up: "\x1b[A", down: "\x1b[B", tab: "\t", escape: "\x1b", ctrlC: "\x03" } as const;

const PATIENCE_MS = 4_000;

/** A keyboard and a screen without a terminal: what is written is interpreted as a terminal would. */
export class VirtualTerminal {
  readonly input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (raw: boolean) => {
      this.#raw = raw;
    },
  });
  readonly output: Writable & { readonly columns: number; readonly rows: number };
  readonly #screen: xterm.Terminal;
  readonly #watchers = new Set<() => void>();
  #raw = false;
  #cursorShown = true;
  /** All that was ever written, for what must never be. */
  #written = "";

  constructor(columns = 80, rows = 30) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
    const write = (chunk: Buffer, _encoding: BufferEncoding, done: () => void) => this.#write(chunk.toString(), done);
    this.output = Object.assign(new Writable({ write }), { columns, rows, isTTY: true });
  }

  /** Where the next letter would appear, from the left edge. */
  get cursorColumn(): number {
    return this.#screen.buffer.active.cursorX;
  }

  get raw(): boolean {
    return this.#raw;
  }

  get cursorShown(): boolean {
    return this.#cursorShown;
  }

  get written(): string {
    return this.#written;
  }

  /** The visible lines, without what is empty at their ends. */
  get screen(): string {
    const { active } = this.#screen.buffer;
    const lines = Array.from({ length: this.#screen.rows }, (_, row) => active.getLine(active.viewportY + row));
    return lines
      .map((line) => line?.translateToString(true) ?? "")
      .join("\n")
      .trimEnd();
  }

  /** As when the window is made larger or smaller. */
  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    Object.assign(this.output, { columns, rows }).emit("resize");
  }

  press(...keys: readonly string[]): void {
    for (const key of keys) this.input.write(key);
  }

  /** As from the clipboard, marked as a paste if the program has asked for that. */
  paste(text: string): void {
    const isMarked = this.#written.lastIndexOf("\x1b[?2004h") > this.#written.lastIndexOf("\x1b[?2004l");
    this.input.write(isMarked ? `\x1b[200~${text}\x1b[201~` : text);
  }

  /** Resolves with the screen as soon as it contains the text. */
  async shows(part: string): Promise<string> {
    await this.#until((screen) => screen.includes(part));
    const { screen } = this;
    if (!screen.includes(part)) throw new Error(`The screen never showed ${JSON.stringify(part)} but:\n${screen}`);
    return screen;
  }

  /** Resolves with the screen as soon as this holds for it. */
  async fits(holds: (screen: string) => boolean): Promise<string> {
    await this.#until(holds);
    const { screen } = this;
    if (!holds(screen)) throw new Error(`The screen never became what it should, but:\n${screen}`);
    return screen;
  }

  /** Resolves as soon as the screen is exactly this. */
  async is(whole: string): Promise<void> {
    await this.#until((screen) => screen === whole);
    expect(this.screen).toBe(whole);
  }

  /** Ends the keyboard's stream, as when the window is closed. */
  hangUp(): void {
    this.input.end();
  }

  close(): void {
    this.#screen.dispose();
    this.input.destroy();
  }

  async #until(holds: (screen: string) => boolean): Promise<void> {
    // What was written before may not be drawn yet: an old picture must not pass for the new one.
    await new Promise<void>((drawn) => this.#screen.write("", drawn));
    if (holds(this.screen)) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const look = () => {
        if (holds(this.screen)) settle();
      };
      const timer = setTimeout(settle, PATIENCE_MS);
      this.#watchers.add(look);
    });
  }

  #write(text: string, done: () => void): void {
    this.#written += text;
    for (const [, state] of text.matchAll(/\x1b\[\?25([hl])/g)) this.#cursorShown = state === "h";
    // The screen is drawn later; the stream takes the next chunk at once, as a terminal does.
    this.#screen.write(text, () => {
      for (const look of [...this.#watchers]) look();
    });
    done();
  }
}
