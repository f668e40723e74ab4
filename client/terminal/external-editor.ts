import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { variable } from "./environment.ts";
import { takeInterrupts } from "./interrupts.ts";
import { LocalError } from "./local-error.ts";
import { readValue } from "./read-value.ts";
import { systemReason } from "./system-reason.ts";

/** What a shell answers when it does not find a program. */
const NOT_FOUND = 127;

/**
 * The text as the user leaves it in an editor, which has the terminal meanwhile. Only he can read the file.
 * @throws LocalError when there is no editor, or it ends with a status: then the text shall not be used;
 *   KeyroomError `too_large`
 */
export async function editText(text: string, env: NodeJS.ProcessEnv): Promise<string> {
  const editor = editorOf(env);
  const folder = await mkdtemp(join(tmpdir(), "keyroom-")).catch(refuse);
  const file = join(folder, "value.txt");
  try {
    await writeFile(file, text, { mode: 0o600 }).catch(refuse);
    await run(editor, file, env);
    return await readValue(file, process.stdin);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The command line of the user's editor, as git chooses it: `$VISUAL`, `$EDITOR`, vi; on a dumb terminal, which can
 * show no full screen, `$EDITOR` alone.
 */
export function editorOf(env: NodeJS.ProcessEnv): string {
  const isDumb = env["TERM"] === "dumb";
  const chosen = (isDumb ? undefined : variable(env, "VISUAL")) ?? variable(env, "EDITOR");
  if (chosen !== undefined) return chosen;
  if (isDumb) {
    throw new LocalError("This terminal has no room for a full-screen editor. Set EDITOR to one that works by lines.");
  }
  return process.platform === "win32" ? "notepad" : "vi";
}

async function run(editor: string, file: string, env: NodeJS.ProcessEnv): Promise<void> {
  // By a shell, as the variable may hold options and quotes; one that outlives a Ctrl-C meant for the editor.
  const child =
    process.platform === "win32"
      ? spawn(`${editor} "${file}"`, { stdio: "inherit", shell: true, env })
      : spawn("/bin/sh", ["-c", `trap : INT; ${editor} "$@"`, editor, file], { stdio: "inherit", env });
  // Ctrl-C is the editor's now, and would else end both.
  const giveBack = takeInterrupts(() => undefined);
  try {
    const [status]: unknown[] = await once(child, "exit");
    if (status === 0) return;
    throw new LocalError(
      status === NOT_FOUND
        ? `There is no editor "${editor}". Set VISUAL or EDITOR to the one you use.`
        : `The editor ended with ${typeof status === "number" ? `status ${status}` : "a signal"}: nothing is taken over.`,
    );
  } catch (error) {
    throw error instanceof LocalError
      ? error
      : new LocalError(`Cannot start the editor "${editor}": ${systemReason(error)}.`);
  } finally {
    giveBack();
  }
}

function refuse(error: unknown): never {
  throw new LocalError(`Cannot write a file for the editor: ${systemReason(error)}.`);
}
