import { widthOf } from "../terminal/fit.ts";
import { printable } from "../terminal/printable.ts";
import { isAll } from "./filter.ts";
import { flowParts, type Part } from "./layout.ts";
import type { Ui } from "./ui.ts";

/** What keys do, or the line that is typed into. */
export function footerOf(
  ui: Ui,
  columns: number,
): { readonly footer: readonly string[]; readonly cursor: number | null } {
  if (ui.typing === null) return { footer: flowParts(keysOf(ui), " · ", columns), cursor: null };
  const { what, text } = ui.typing;
  const label = what === "room" ? "Room: " : "Keys beginning with: ";
  // The end is what one types at.
  const typed = endOf(printable(text), columns - label.length - 1);
  const help: readonly Part[] = [
    ["⏎ shows only these, all where nothing is typed", "dim"],
    ["esc cancels", "dim"],
  ];
  return { footer: [label + typed, ...flowParts(help, " · ", columns)], cursor: label.length + widthOf(typed) };
}

function endOf(text: string, columns: number): string {
  let end = text.slice(-columns);
  while (end !== "" && widthOf(end) > columns) end = end.slice(1);
  return end;
}

function keysOf({ layout, opened, filter, isPaused }: Ui): readonly Part[] {
  const pause = isPaused ? "space goes on" : "space pauses";
  const keys =
    opened !== null
      ? ["↑↓ scroll", pause, "esc back"]
      : [
          layout === "newest" ? "t table" : "t newest first",
          "r room",
          "/ keys",
          ...(isAll(filter) ? [] : ["c all again"]),
          pause,
          "↑↓ choose",
          "⏎ open",
          "q back",
        ];
  return keys.map((text) => [text, "dim"]);
}
