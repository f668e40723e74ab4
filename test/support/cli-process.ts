import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Finished {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** A home directory of its own, from which client processes are started. */
export class Home {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<Home> {
    return new Home(await mkdtemp(join(tmpdir(), "keyroom-home-")));
  }

  get tokens(): string {
    return this.path("keyroom", "tokens.json");
  }

  path(...parts: readonly string[]): string {
    return join(this.#folder, ...parts);
  }

  /** Starts the client; no variable of Keyroom's is inherited. `output` is a file to write to instead of a pipe. */
  spawn(args: readonly string[], env: NodeJS.ProcessEnv = {}, output: number | "pipe" = "pipe"): ChildProcess {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("KEYROOM_"));
    return spawn(process.execPath, ["--import", "tsx", "client/main.ts", ...args], {
      cwd: ROOT,
      env: {
        ...Object.fromEntries(inherited),
        HOME: this.#folder,
        XDG_CONFIG_HOME: this.#folder,
        XDG_STATE_HOME: this.#folder,
        ...env,
      },
      stdio: ["pipe", output, "pipe"],
    });
  }

  /** Runs the client to its end, with `input` on its standard input. */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}, input: string | Buffer = ""): Promise<Finished> {
    const child = this.spawn(args, env);
    child.stdin?.on("error", () => undefined).end(input);
    return finished(child);
  }

  async remove(): Promise<void> {
    // Programs that are being ended may still write what they keep.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

export async function finished(child: ChildProcess): Promise<Finished> {
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const exit = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { exit, out, err };
}
