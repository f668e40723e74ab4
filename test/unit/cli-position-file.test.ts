import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { PositionFile, readPosition } from "../../client/cli/position-file.ts";

test("the positions of rooms with odd names are kept like the others", async () => {
  const folder = await mkdtemp(join(tmpdir(), "keyroom-"));
  try {
    const position = { epoch: "e", revision: 1, tag: 1 };
    const rooms = Object.fromEntries(["ann", "constructor", "__proto__", "epoch"].map((room) => [room, position]));
    const path = join(folder, "positions");
    const file = new PositionFile(path, (error) => {
      throw error;
    });
    file.save(rooms);
    file.flush();
    expect(Object.entries((await readPosition(path, true)) ?? {})).toEqual(Object.entries(rooms));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
