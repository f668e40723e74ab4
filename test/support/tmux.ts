import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as after } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const PATIENCE_MS = 20_000;

export function hasTmux(): boolean {
  return spawnSync("tmux", ["-V"]).status === 0;
}

export interface WindowOptions {
  /** @default 80 */
  readonly columns?: number;
  /** @default 30 */
  readonly rows?: number;
}

let opened = 0;

/** Terminals, each a tmux of its own: one that is about to go may hold its socket a little longer. */
export class Tmux {
  readonly #socket: string;
  readonly #screens: TmuxScreen[] = [];

  /** @param socket what the paths of the sockets begin with, in an own folder */
  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Starts a program in a terminal of its own, which goes when the program ends. */
  async open(
    name: string,
    command: readonly string[],
    { columns = 80, rows = 30 }: WindowOptions = {},
  ): Promise<TmuxScreen> {
    const socket = `${this.#socket}-${++opened}`;
    const size = ["-x", String(columns), "-y", String(rows)];
    const options = ["status off", "default-terminal screen-256color"];
    await run("tmux", [
      ...["-S", socket, "-f", "/dev/null"],
      ...options.flatMap((option) => ["set-option", "-g", ...option.split(" "), ";"]),
      ...["new-session", "-d", "-s", name, ...size, "--", ...command],
    ]);
    const screen = new TmuxScreen(socket, name);
    this.#screens.push(screen);
    return screen;
  }

  /** Ends all programs in it. */
  async close(): Promise<void> {
    await Promise.all(this.#screens.splice(0).map((screen) => screen.kill()));
  }
}

/** One terminal: what it shows, and its keyboard. */
export class TmuxScreen {
  readonly #socket: string;
  readonly #name: string;
  /** A client in control mode, which tells of all output as it comes. */
  readonly #events: ChildProcess;

  constructor(socket: string, name: string) {
    this.#socket = socket;
    this.#name = name;
    this.#events = spawn("tmux", ["-S", socket, "-C", "attach-session", "-t", name, "-f", "ignore-size,read-only"]);
  }

  get #isOpen(): boolean {
    return this.#events.exitCode === null && this.#events.signalCode === null;
  }

  /** The picture; with `colours` as escape sequences would draw it, with `history` below what has scrolled away. */
  async picture({ colours = false, history = false } = {}): Promise<string> {
    const flags = [...(colours ? ["-e"] : []), ...(history ? ["-S", "-"] : [])];
    const { stdout } = await this.#tmux("capture-pane", "-p", ...flags, "-t", this.#name);
    return stdout.trimEnd();
  }

  /** What tmux knows of the terminal, by its format: `#{pane_title}`, `#{cursor_x}`, `#{cursor_flag}`. */
  async state(format: string): Promise<string> {
    const { stdout } = await this.#tmux("display-message", "-p", "-t", this.#name, format);
    return stdout.trimEnd();
  }

  /** Where the next letter comes, from the left edge, and whether that is shown. */
  async cursor(): Promise<{ readonly column: number; readonly isShown: boolean }> {
    const [column, flag] = (await this.state("#{cursor_x} #{cursor_flag}")).split(" ");
    return { column: Number(column), isShown: flag === "1" };
  }

  /** Appends all that the program writes from now on to the file, byte for byte. */
  async record(file: string): Promise<void> {
    await this.#tmux("pipe-pane", "-t", this.#name, `cat >> '${file}'`);
  }

  /** As when the window is closed while the program runs. Resolves when tmux has gone, too. */
  async kill(): Promise<void> {
    const hasGone = this.#isOpen ? once(this.#events, "exit") : undefined;
    // It may just have ended by itself.
    await this.#tmux("kill-session", "-t", this.#name).catch(() => undefined);
    await hasGone;
  }

  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-t", this.#name, "-l", "--", text);
  }

  /** Keys by tmux's names: `Enter`, `Escape`, `Down`, `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", "-t", this.#name, ...keys);
  }

  /** As from the clipboard: marked as a paste, if the program has asked for that. */
  async paste(text: string): Promise<void> {
    await this.#tmux("set-buffer", "--", text);
    await this.#tmux("paste-buffer", "-p", "-t", this.#name);
  }

  /** As when the window is made larger or smaller. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-t", this.#name, "-x", String(columns), "-y", String(rows));
  }

  /** Resolves with the picture as soon as it contains the text. */
  shows(part: string): Promise<string> {
    return this.fits((picture) => picture.includes(part), JSON.stringify(part));
  }

  /** Resolves with the picture as soon as this holds for it. */
  async fits(holds: (picture: string) => boolean, what: string): Promise<string> {
    const patience = new AbortController();
    const over = after(PATIENCE_MS, "over", { signal: patience.signal }).catch(() => "over");
    try {
      for (;;) {
        // Listening before looking, so that nothing comes in between.
        const output = once(this.#events.stdout ?? this.#events, "data", { signal: patience.signal });
        output.catch(() => undefined);
        const picture = await this.picture();
        if (holds(picture)) return picture;
        if ((await Promise.race([output, over])) === "over") {
          throw new Error(`${this.#name} never showed ${what} but:\n${picture}`);
        }
      }
    } finally {
      patience.abort();
    }
  }

  #tmux(...args: readonly string[]): Promise<{ stdout: string }> {
    return run("tmux", ["-S", this.#socket, ...args]);
  }
}
