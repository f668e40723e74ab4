/** The answers, before the tables. */
import type { NoticeKind } from "../results.ts";
import { carried, cpu, type Figures, named, p50, rate } from "./figures.ts";
import { bytes, figure, listed, micros, perSecond, share, time } from "./format.ts";
import { noticePhrase } from "./notice-name.ts";
import { comparison, type Measured } from "./sentences.ts";

export function inShort(figures: Figures): string {
  return `## In short\n\n${[...texts(figures), ...socketIo(figures), ...pushing(figures), ...counting(figures)]
    .map((bullet) => `- ${bullet}`)
    .join("\n")}`;
}

function texts(figures: Figures): readonly string[] {
  const { most } = figures;
  const get = { operation: "get", size: "small" } as const;
  const one = (door: "tcp-text" | "ws-text" | "tcp-silence") =>
    named(door, figures.own(door, { clients: 1, ...get }, p50));
  const all = (door: "tcp-text" | "ws-text") => named(door, figures.own(door, { clients: most, ...get }, rate));
  return [
    `**TCP and WebSocket.** With one client: ${comparison(one("tcp-text"), one("ws-text"), { verb: "takes", noun: "time", of: "for a get", format: time })} With ${figure(most)}: ${comparison(all("tcp-text"), all("ws-text"), { verb: "answers", noun: "gets", isCounted: true, format: perSecond })}`,
    `**Framing by silence.** ${comparison(one("tcp-silence"), one("tcp-text"), { verb: "takes", noun: "time", of: "for a get", format: time })} The server has to wait in case more is to come.`,
  ];
}

function socketIo(figures: Figures): readonly string[] {
  const { many: clients } = figures;
  const kind = { clients, operation: "get", size: "small" } as const;
  const of = (door: "sio-polling" | "sio-websocket", what: typeof cpu | typeof carried) =>
    named(door, figures.own(door, kind, what));
  const each = figures.own("sio-polling", kind, ({ connections }) => connections);
  const connections =
    each === null ? "" : ` By polling, a get opened ${each.median.toFixed(1)} TCP connections on average.`;
  return [
    `**Polling and WebSocket under Socket.IO**, ${clients} clients. ${comparison(of("sio-polling", cpu), of("sio-websocket", cpu), { verb: "costs", noun: "CPU time of the server", of: "for a get", format: micros })} ${comparison(of("sio-polling", carried), of("sio-websocket", carried), { verb: "carries", noun: "bytes", of: "for it", isCounted: true, format: bytes })}${connections}`,
  ];
}

function pushing(figures: Figures): readonly string[] {
  const of = (kind: NoticeKind): Measured => ({
    name: noticePhrase(kind),
    figures: figures.notice(kind, ({ latency }) => latency.p50),
  });
  const { notices } = figures.results;
  const told = notices.find(({ door }) => door === "sio-websocket");
  const asked = notices.filter(({ door, everyMs }) => door === "ws-text" && everyMs !== null);
  if (told === undefined) return [];
  const sentences = asked.map((kind) => {
    const seen = figures.notice(kind, ({ seenShare }) => seenShare);
    const missed =
      seen === null || seen.median >= 0.9995
        ? ""
        : ` Whoever asked so saw ${share(seen.median)} of the changes; the others were overwritten in between.`;
    return `${comparison(of(told), of(kind), { verb: "takes", noun: "time", of: "until a client knows of a change", format: time })}${missed}`;
  });
  return [`**Being told and asking.** ${sentences.join(" ")}`];
}

function counting({ results }: Figures): readonly string[] {
  const carelessly = results.counts.filter(({ lost }) => Math.max(...lost) > 0);
  const safely = results.counts.filter(({ lost }) => Math.max(...lost) === 0);
  const ways = (some: typeof results.counts): string => listed(some.map(({ way }) => `“${way}”`));
  if (results.counts.length === 0) return [];
  const bad =
    carelessly.length === 0
      ? "No way of counting together lost a step in this run."
      : `Programs that count in one key lose steps with ${ways(carelessly)}.`;
  const good = safely.length === 0 || carelessly.length === 0 ? "" : ` They lose none with ${ways(safely)}.`;
  return [`**Counting together.** ${bad}${good}`];
}
