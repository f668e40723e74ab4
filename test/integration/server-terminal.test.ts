/** A server at a real terminal, in the hands of a shell with job control. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "@jest/globals";
import { hasTmux, Tmux } from "../support/tmux.ts";

const isReady = hasTmux();
if (!isReady)
  process.stderr.write("The test of the server's own terminal is skipped: there is no tmux. Install it to run it.\n");
const testInTmux = isReady || process.env["CI"] === "true" ? test : test.skip;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "keyroom-terminal-"));
const tmux = new Tmux(join(folder, "tmux"));
afterAll(async () => {
  await tmux.close();
  rmSync(folder, { recursive: true });
});

const HELP = "Here you can say: users";

testInTmux(
  "in the background it goes on serving while the shell is used; in the foreground it hears words",
  async () => {
    const shell = ["env", "PS1=> ", "sh", "-c", `cd '${ROOT}' && exec sh -i`];
    const screen = await tmux.open("shell", shell, { columns: 200 });
    const say = async (line: string): Promise<void> => {
      await screen.type(line);
      await screen.press("Enter");
    };
    await screen.shows(">");
    await say(`${process.execPath} --import tsx server/main.ts --port 0 --upgrade off &`);
    const [, url] = /listening on (\S+)/.exec(await screen.shows("Kept in memory only")) ?? [];
    const isWell = async () => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) })).ok;
    const shellAnswers = async (mark: number): Promise<void> => {
      await say(`echo said $((${mark}+1))`);
      await screen.shows(`said ${mark + 1}`);
      expect(await isWell()).toBe(true);
    };

    await shellAnswers(10);
    await shellAnswers(20);
    await say("fg");
    // Nobody tells the server that it is back: it looks.
    await say("help");
    await screen.shows(HELP);

    await screen.press("C-z");
    await screen.shows("Stopped");
    await say("clear; bg");
    await shellAnswers(30);
    await shellAnswers(40);
    expect(await screen.picture()).not.toContain("Stopped");

    await say("clear; fg");
    await say("users");
    await screen.shows("There are no users yet.");
    await screen.press("C-c");
    await say("echo ended with $?");
    await screen.shows("ended with 0");
  },
);
