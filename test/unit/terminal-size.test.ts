import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { PlainScreen } from "../../client/lines/plain-screen.ts";
import { DrawnScreen } from "../../client/lines/screen.ts";
import { Painter } from "../../client/live/painter.ts";

function outputOf(size: { readonly columns?: number; readonly rows?: number }) {
  return Object.assign(new Writable(), size);
}

test("a terminal that does not know its size, or says 0, is taken for one of 80 columns and 24 rows", () => {
  for (const size of [{}, { columns: 0, rows: 0 }]) {
    const output = outputOf(size);
    const { columns, rows } = new Painter(output);
    expect([columns, rows, new DrawnScreen(output).columns, new PlainScreen(output).columns]).toEqual([80, 24, 80, 80]);
  }
  const { columns, rows } = new Painter(outputOf({ columns: 1, rows: 2 }));
  expect([columns, rows]).toEqual([1, 2]);
});
