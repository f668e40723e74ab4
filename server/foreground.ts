import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const LOOK_MS = 1_000;

/**
 * Calls `enter` whenever this process may read from its terminal, and `leave` when it no longer may: a shell's
 * background job that reads is stopped dead by the system, and Node cannot decline the signal that does it.
 * Returns a function that ends this.
 */
export function whileInForeground(enter: () => void, leave: () => void): () => void {
  let inside = false;
  const look = (): void => {
    const now = isForeground();
    if (now === inside) return;
    inside = now;
    if (now) enter();
    else leave();
  };
  look();
  // The way into the background leads over a stop; `fg` of a job that runs is not announced at all.
  process.on("SIGCONT", look);
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => {
    process.off("SIGCONT", look);
    clearInterval(timer);
    if (inside) leave();
  };
}

/** Where the system does not tell, it counts as the foreground. */
function isForeground(): boolean {
  try {
    return linuxIsForeground();
  } catch {
    // Not Linux.
  }
  try {
    return execFileSync("ps", ["-o", "stat=", "-p", String(process.pid)], { encoding: "utf8" }).includes("+");
  } catch {
    return true;
  }
}

/** Compares the process group with the terminal's, the fifth and the eighth field; the second may contain anything. */
function linuxIsForeground(): boolean {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const [, , , group, , , terminalGroup] = stat.slice(stat.lastIndexOf(")") + 1).split(" ");
  return group === terminalGroup;
}
