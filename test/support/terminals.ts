/** Real terminals with Keyroom's client in them, for one test file. */
import { afterAll, afterEach, beforeAll, test } from "@jest/globals";
import { connect, type Store } from "../../client/sdk/index.ts";
import type { ServerOptions } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { Home } from "./cli-process.ts";
import { ServerProcess } from "./server-process.ts";
import { hasTmux, Tmux, type TmuxScreen, type WindowOptions } from "./tmux.ts";

export const PASSPHRASE = "open sesame";
/** Of everybody. */
export const PASSWORD = "right";

const isReady = hasTmux();
type Tell = (name: string, run: () => Promise<void>) => void;
export const testInTmux: Tell = isReady || process.env["CI"] === "true" ? test : test.skip;

const FORGOTTEN = ["KEYROOM_USER", "KEYROOM_PASSWORD", "KEYROOM_PROFILE", "NO_COLOR", "FORCE_COLOR", "ACCESSIBLE"];

/** Says the exit code at the end, and stays, also where Ctrl-C is a signal for all programs in the foreground. */
const STAY = ["sh", "-c", 'trap : INT; "$@"; echo "ended with $?"; read -r word; echo "read $word"; read -r _', "sh"];
const RESUME = 'echo "in the shell"; read -r word; echo "going $word"; fg';
/** For a shell with jobs: waits for a line while its job is stopped, twice, and continues that. */
export const JOBS = ["bash", "-mc", `"$@"; ${RESUME}; ${RESUME}; echo "ended with $?"; read -r _`, "bash"];

export interface ProgramOptions extends WindowOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What runs the program. @default a shell that says its exit code and stays */
  readonly shell?: readonly string[];
}

export interface Terminals {
  readonly home: Home;
  /** A server in this process. */
  serve(options?: ServerOptions): Promise<RunningServer>;
  /** A server that can be killed. Its accounts outlive it; `port` is that of an earlier one. */
  serveApart(port?: string): Promise<{ readonly server: ServerProcess; readonly url: string }>;
  /** Somebody who is there by the SDK. */
  join(url: string, user: string): Promise<Store>;
  /** The client in a terminal of its own, called `name`. Nothing of the tests' own environment is inherited. */
  open(name: string, args: readonly string[], options?: ProgramOptions): Promise<TmuxScreen>;
  /** Has something else closed after the test. */
  closing(close: () => unknown): void;
}

/** To be called once, at the top of a test file. */
export function terminals(): Terminals {
  let home: Home | undefined;
  let tmux: Tmux | undefined;
  const closers: (() => unknown)[] = [];
  const ready = <T>(made: T | undefined): T => {
    if (made === undefined) throw new Error("Only to be used in a test.");
    return made;
  };
  if (!isReady)
    process.stderr.write("Tests with real terminals are skipped: there is no tmux. Install it to run them.\n");
  beforeAll(async () => {
    home = await Home.make();
    tmux = new Tmux(home.path("tmux"));
  });
  afterEach(async () => {
    await tmux?.close();
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(() => home?.remove());
  return {
    get home() {
      return ready(home);
    },
    closing: (close) => void closers.push(close),
    serve: async (options = {}) => {
      const server = await startServer({ port: 0, managerPassphrase: PASSPHRASE, ...options });
      closers.push(() => server.close());
      return server;
    },
    serveApart: async (port = "0") => {
      const flags = ["--port", port, "--accounts-file", ready(home).path("accounts")];
      const server = new ServerProcess(flags, { KEYROOM_MANAGER_PASSPHRASE: PASSPHRASE });
      closers.push(() => server.stop());
      return { server, url: await server.url() };
    },
    join: async (url, user) => {
      const store = await connect(url, { user, password: PASSWORD });
      closers.push(() => store.close());
      return store;
    },
    open: (name, args, { env = {}, shell = STAY, ...window } = {}) => {
      const place = ready(home).path(name);
      const folders = { HOME: place, XDG_CONFIG_HOME: place, XDG_STATE_HOME: place };
      const settings = Object.entries({ ...folders, ...env }).map(([variable, value]) => `${variable}=${value}`);
      const forgotten = FORGOTTEN.flatMap((variable) => ["-u", variable]);
      const client = [process.execPath, "--import", "tsx", "client/main.ts", ...args];
      return ready(tmux).open(name, ["env", ...forgotten, ...settings, ...shell, ...client], window);
    },
  };
}

/** The words of a command line that say where a server is. */
export function placeOf(url: string): readonly [host: string, port: string] {
  const { hostname, port } = new URL(url);
  return [hostname, port];
}
