/** A real server process, started as `npm start` does. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  /** The exit status, or the name of the signal that killed it. */
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  /**
   * @param node flags of Node itself
   * @param shell what a shell does before it becomes the server
   */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    node: readonly string[] = [],
    shell = ":",
  ) {
    // What the tests' own environment says of Keyroom must not reach the server.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("KEYROOM_"));
    const command = [process.execPath, "--import", "tsx", ...node, "server/main.ts", ...args];
    this.#child = spawn("sh", ["-c", `${shell}; exec "$@"`, "sh", ...command], {
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), ...environment },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(this.#child, "close").then(([status, signal]: (number | string | null)[]) => ({
      status: status ?? signal ?? null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** Resolves with what the server printed, once that ends in its last start line; rejects if it ends before. */
  async started(): Promise<string> {
    const ended = this.#ended.then(({ status, stderr }): never => {
      throw new Error(`The server ended with ${status}: ${stderr}`);
    });
    // The other one of the race may reject later, when nobody listens any more.
    ended.catch(() => undefined);
    while (!/^Kept in memory only.*\n/m.test(this.#stdout)) {
      await Promise.race([once(this.#child.stdout, "data"), ended]);
    }
    return this.#stdout;
  }

  async url(): Promise<string> {
    const [, url] = /^Keyroom listening on (\S+)$/m.exec(await this.started()) ?? [];
    if (url === undefined) throw new Error(`No URL in ${this.#stdout}`);
    return url;
  }

  /** Stops it in the midst of whatever it does; its sockets stay open and say nothing. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** Sends a signal at which it says something on stderr, and resolves with the first match of what comes. */
  async asked(signal: "SIGUSR2", answer: RegExp): Promise<RegExpExecArray> {
    const from = this.#stderr.length;
    this.#child.kill(signal);
    for (;;) {
      const match = answer.exec(this.#stderr.slice(from));
      if (match !== null) return match;
      await once(this.#child.stderr, "data");
    }
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }

  /** `SIGSTOP` freezes it as it is, `SIGCONT` lets it go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(name);
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: "SIGTERM" | "SIGINT" | "SIGKILL" = "SIGKILL"): Promise<Ended> {
    this.#child.kill(signal);
    return this.#ended;
  }
}
