import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { FORMS } from "../compare/forms.ts";
import { CHART_NAMES } from "../compare/report/charts.ts";
import { faultOfXml } from "../support/well-formed.ts";

const PROGRAM = "test/compare/compare.ts";

let folder: string;
let text: string;
let progress: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "keyroom-compare-"));
  const args = ["--import", "tsx", PROGRAM, "--shortest", "--out", folder];
  progress = (await promisify(execFile)(process.execPath, args)).stderr;
  text = await readFile(join(folder, "comparison.md"), "utf8");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The first two cells of each row below a heading in bold. */
function rowsBelow(heading: string): readonly string[] {
  const [, section = ""] = text.split(`**${heading}**`);
  const [table = ""] = section.trimStart().split("\n\n");
  return table
    .split("\n")
    .slice(2)
    .map((line) => line.split(" | ").slice(0, 2).join(" × ").replace("| ", ""));
}

test("everything that there is to measure was measured", () => {
  expect(text).not.toContain("could not be measured");
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

const TEXT = ["TCP text", "TCP text by silence", "WebSocket text"];
const SOCKET_IO = ["Socket.IO polling", "Socket.IO WebSocket", "SDK"];

test.each([
  ["Guests, own room", "get", [...TEXT, ...SOCKET_IO]],
  ["Guests, own room", "put", [...TEXT, ...SOCKET_IO]],
  ["Clients of the room that all share", "get", ["WebSocket JSON"]],
  ["Clients of the room that all share", "put", ["WebSocket JSON"]],
  ["Managers, another's room, watching where they can", "get", [...TEXT, ...SOCKET_IO]],
  ["Managers, another's room, watching where they can", "put", SOCKET_IO],
])("each door has its rows for every number of clients: %s, %s", (whose, operation, doors) => {
  for (const size of ["20", "1,024"]) {
    const rows = doors.flatMap((door) => [`${door} × 1`, `${door} × 10`]);
    expect(rowsBelow(`${whose}: ${operation}, ${size} bytes`)).toEqual(rows);
  }
});

test("each way to know of changes has its row, and was told or asked", () => {
  const asked = ["TCP text", "WebSocket text", "WebSocket JSON"].flatMap((door) =>
    FORMS.shortest.pollMs.map((ms) => `${door}, every ${ms} ms`),
  );
  const told = SOCKET_IO.map((door) => `${door}, told`);
  for (const name of [...asked, ...told])
    expect(text).toMatch(new RegExp(`^\\| ${name} \\| [\\d.]+ (?:µs|ms|s) `, "m"));
});

test.each([
  ["set-up", /^\| (.*?) \| [\d.]+ (?:µs|ms|s) \| [\d.]+ (?:µs|ms|s) \| [\d,]+ \| [\d.]+ \| [\d.,]+ \|$/gm],
  ["clients", /^\| (.*?) \| [\d.]+ (?:µs|ms|s) \| [\d.]+ (?:µs|ms|s) \|$/gm],
])("each door has a row in the table of %s", (_, row) => {
  const names = [...text.matchAll(row)].map(([, name]) => name);
  expect(names).toEqual(["TCP text", "TCP text by silence", "WebSocket text", "WebSocket JSON", ...SOCKET_IO]);
});

test("each port has its row, with those of clients that the system gave", () => {
  const [, ports = ""] = text.split("## Ports");
  expect(ports.match(/^\| .* \| (?:1601|1603|8008|3000) \| registered \| \d+ \| \d+–\d+ \| [\d,]+ \|$/gm)).toHaveLength(
    4,
  );
});

test("one name has one winner, and what is counted with care is not lost", () => {
  expect(text).toContain("each time exactly one of them got it");
  expect(text).toMatch(/\| JSON: lock, read, write, unlock \| \d+ \| 0 \|/);
  expect(text).toMatch(/\| SDK: lock, get, put with the fence, unlock \| \d+ \| 0 \|/);
});

test("all charts are there, and well-formed", async () => {
  const files = await readdir(join(folder, "comparison"));
  expect(files.toSorted()).toEqual(CHART_NAMES.map((name) => `${name}.svg`).toSorted());
  for (const file of files) expect(faultOfXml(await readFile(join(folder, "comparison", file), "utf8"))).toBeNull();
});

test("progress is told in lines where nobody can see one change", () => {
  expect(progress).toMatch(/^ {2}0 %: warming up TCP text\n/);
  expect(progress).toMatch(/\nWrote .*comparison\.md after \d+ s\.\n$/);
  expect(progress).not.toContain("\r");
});
