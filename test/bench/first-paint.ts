/** From the start of the built client until its first question stands on a terminal, beside a bare inquirer prompt. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Figures } from "./figures.ts";
import { inTurn, median } from "./measure.ts";

const ROUNDS = 21;
/** Both ask for a server first. */
const QUESTION = "Server";
/** That of the goal, for a person who has just pressed Enter. */
const MOST_MS_ABOVE = 100;

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export async function compareFirstPaint(): Promise<Figures> {
  process.stdout.write("From the start of a program to its first question on a terminal; about 15 s.\n");
  const folder = mkdtempSync(join(tmpdir(), "keyroom-bench-"));
  try {
    const [bare = [], menu = []] = await inTurn(ROUNDS, [
      () => firstPaintMs(program("./bare-prompt.js"), folder),
      () => firstPaintMs(program("../../client/main.js"), folder),
    ]);
    const [bareMs, menuMs] = [tell("bare inquirer", bare), tell("Keyroom", menu)];
    const above = menuMs - bareMs;
    const verdict = above <= MOST_MS_ABOVE ? "met" : "missed";
    process.stdout.write(`  ${above.toFixed(0)} ms above; goal at most ${MOST_MS_ABOVE}: ${verdict}\n`);
    return { "first paint: time": { ratio: menuMs / bareMs } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Ms until the question is there, on a terminal made by util-linux's `script`. */
async function firstPaintMs(file: string, home: string): Promise<number> {
  const command = `exec '${process.execPath}' '${file}'`;
  const env = { PATH: process.env["PATH"], TERM: "xterm-256color", SHELL: "/bin/sh", HOME: home };
  const began = performance.now();
  const child = spawn("script", ["-qfec", command, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  let shown = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    shown += String(chunk);
    if (shown.includes(QUESTION)) break;
  }
  const took = performance.now() - began;
  child.stdin.end("\x03");
  await ended;
  if (!shown.includes(QUESTION)) throw new Error(`${file} never asked for a server, but showed:\n${shown}`);
  return took;
}

function tell(name: string, all: readonly number[]): number {
  const middle = median(all);
  process.stdout.write(`  ${name.padEnd(14)} ${middle.toFixed(0).padStart(5)} ms\n`);
  return middle;
}
