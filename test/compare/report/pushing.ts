/** Being told of changes, and asking for them. */
import { DOORS } from "../doors.ts";
import { BETWEEN_MS } from "../measures/notice.ts";
import type { Notice, NoticeKind } from "../results.ts";
import type { Spread } from "../statistics.ts";
import { chart } from "./chart-link.ts";
import { cpu, type Figures, p50, p95, p99 } from "./figures.ts";
import { bytes, figure, listed, micros, share, spread, table, time } from "./format.ts";
import { noticeName, noticePhrase } from "./notice-name.ts";
import { comparison, type Measured, ranking } from "./sentences.ts";

export function pushing(figures: Figures): string {
  const { results } = figures;
  const mean = (BETWEEN_MS[0] + BETWEEN_MS[1]) / 2;
  return `## What pushing changes

One user changes a key at random moments, ${figure(1_000 / mean)} times a second on average; ${results.observers} managers want to know. Over Socket.IO and the SDK
they watch and are told. At the text and JSON doors they can only ask, each at a time of its own. (At the JSON door both
sides are connections to the shared room.) CPU time and bytes are for one who wants to know and one second.

${chart("notice", "From a change until others know of it")}

${table(
  ["", "knows after", "95 of 100 within", "99 of 100 within", "changes seen", "µs of the server's CPU", "bytes"],
  results.notices.map((kind) => [
    noticeName(kind),
    spread(figures.notice(kind, p50), time),
    spread(figures.notice(kind, p95), time),
    spread(figures.notice(kind, p99), time),
    spread(
      figures.notice(kind, ({ seenShare }) => seenShare),
      share,
    ),
    spread(figures.notice(kind, cpu)),
    spread(figures.notice(kind, carried)),
  ]),
)}

${times(figures)}

${costs(figures)}

${missed(figures)}

Asking costs the same whether anything changes or not, and whoever wants to know sooner has to ask more often. Being told costs for each change, and
a heartbeat in between. A watch also tells where it stands, so that a client that was away gets what it missed; whoever asks
for values learns only the last one.`;
}

const carried = (notice: Notice): number => notice.bytes;

function of(kind: NoticeKind, figures: Spread | null): Measured {
  return { name: noticePhrase(kind), figures };
}

function times(figures: Figures): string {
  const all = figures.results.notices.map((kind) => of(kind, figures.notice(kind, p50)));
  return `Until a client knows of a change. ${ranking(all, time)} Whoever asks now and then waits for half the time between two questions on average, and for all of it at worst.`;
}

/** The plain WebSocket that is told, beside those that ask over one. */
function costs(figures: Figures): string {
  const told = figures.results.notices.find(({ door }) => door === "sio-websocket");
  const asking = figures.results.notices.filter(({ door, everyMs }) => door === "ws-text" && everyMs !== null);
  if (told === undefined) return "";
  const sentences = asking.flatMap((kind) => [
    comparison(of(told, figures.notice(told, cpu)), of(kind, figures.notice(kind, cpu)), {
      verb: "costs",
      noun: "CPU time of the server",
      format: micros,
    }),
    comparison(of(told, figures.notice(told, carried)), of(kind, figures.notice(kind, carried)), {
      verb: "carries",
      noun: "bytes",
      isCounted: true,
      format: bytes,
    }),
  ]);
  return `At this pace of changes. ${sentences.join(" ")}`;
}

function missed(figures: Figures): string {
  const kinds = figures.results.notices.map((kind) => ({
    name: noticePhrase(kind),
    isTold: DOORS[kind.door].isPushed,
    seen: figures.notice(kind, ({ seenShare }) => seenShare)?.median ?? Number.NaN,
  }));
  const blind = kinds.filter(({ seen }) => seen < 0.9995);
  if (kinds.length === 0) return "";
  if (blind.length === 0) return "In this run nobody missed a change: none came twice between two questions.";
  const told = kinds.filter(({ isTold }) => isTold);
  const all = told.every(({ seen }) => seen >= 0.9995) ? " All who were told saw every change." : "";
  return `Not all changes were seen: ${listed(blind.map(({ name, seen }) => `${name} showed ${share(seen)}`))}; what was overwritten before the next question is lost to whoever asks.${all}`;
}
