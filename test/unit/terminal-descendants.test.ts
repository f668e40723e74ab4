import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { descendants } from "../../client/terminal/descendants.ts";

const hasPs = spawnSync("ps", ["-A"]).status === 0;

(hasPs ? test : test.skip)("all that a process has started are found, and nobody else", async () => {
  const child = spawn("sh", ["-c", "sh -c 'sleep 1000 & echo up; wait' & wait"], { detached: true });
  try {
    await once(child.stdout, "data");
    const found = descendants(child.pid ?? 0);
    expect(found).toHaveLength(2);
    expect(descendants(process.pid)).toEqual(expect.arrayContaining([child.pid, ...found]));
    expect(descendants(found.at(-1) ?? 0)).toEqual([]);
  } finally {
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await once(child, "close");
  }
});
