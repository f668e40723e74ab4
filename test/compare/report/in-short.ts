/** The answers, before the tables. */
import { DOORS } from "../doors.ts";
import type { NoticeKind } from "../results.ts";
import { carried, cpu, type Figures, named, p50, rate } from "./figures.ts";
import { bytes, micros, perSecond, share, time } from "./format.ts";
import { noticeName } from "./notice-name.ts";
import { comparison, factors, type Measured } from "./sentences.ts";

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
    `**TCP and WebSocket.** With one client: ${comparison(one("tcp-text"), one("ws-text"), { verb: "takes", noun: "time for a get", format: time })} With ${most}: ${comparison(all("tcp-text"), all("ws-text"), { verb: "answers", noun: "gets", format: perSecond })}`,
    `**Framing by silence.** ${comparison(one("tcp-silence"), one("tcp-text"), { verb: "takes", noun: "time for a get", format: time })} The server has to wait in case more is to come.`,
  ];
}

function socketIo(figures: Figures): readonly string[] {
  const { many: clients } = figures;
  const kind = { clients, operation: "get", size: "small" } as const;
  const of = (door: "sio-polling" | "sio-websocket", what: typeof cpu | typeof carried) =>
    named(door, figures.own(door, kind, what));
  const each = figures.own("sio-polling", kind, ({ connections }) => connections);
  const connections =
    each === null ? "" : ` A request by polling opened ${each.median.toFixed(1)} TCP connections in the mean.`;
  return [
    `**Polling and WebSocket under Socket.IO**, ${clients} clients. ${comparison(of("sio-polling", cpu), of("sio-websocket", cpu), { verb: "costs", noun: "CPU time of the server for a get", format: micros })} ${comparison(of("sio-polling", carried), of("sio-websocket", carried), { verb: "carries", noun: "bytes for it", format: bytes })}${connections}`,
  ];
}

function pushing(figures: Figures): readonly string[] {
  const of = (kind: NoticeKind): Measured => ({
    name: noticeName(kind),
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
        : ` Who asked so saw ${share(seen.median)} of the changes; the others were overwritten in between.`;
    return `${comparison(of(told), of(kind), { verb: "takes", noun: "time from a change to its notice", format: time })}${missed}`;
  });
  return [`**Being told and asking.** ${sentences.join(" ")}`];
}

function counting({ results }: Figures): readonly string[] {
  const carelessly = results.counts.filter(({ lost }) => Math.max(...lost) > 0);
  const safely = results.counts.filter(({ lost }) => Math.max(...lost) === 0);
  const least = (ways: typeof results.counts): string => ways.map(({ way }) => way).join("; ");
  if (results.counts.length === 0) return [];
  const bad =
    carelessly.length === 0
      ? "No way of counting together lost a step in this run."
      : `Steps were lost with: ${least(carelessly)}.`;
  const good = safely.length === 0 || carelessly.length === 0 ? "" : ` None were lost with: ${least(safely)}.`;
  return [`**Counting together.** ${bad}${good}`];
}

/** How much more a manager's put costs, which is also pushed to him; for the doors where he can. */
export function watchingFactor(figures: Figures): string | null {
  const kind = { clients: figures.many, operation: "put", size: "small" } as const;
  return factors(
    figures.doors
      .filter((door) => DOORS[door].putsElsewhere)
      .map((door) => [figures.work({ door, role: "manager", ...kind }, cpu), figures.own(door, kind, cpu)] as const),
  );
}
