/** The charts of the report, by file. */
import { DOOR_IDS, DOORS, type DoorId } from "../doors.ts";
import type { Latency, Notice, OperationName, SizeName, Work } from "../results.ts";
import type { Spread } from "../statistics.ts";
import { type Line, lineChart } from "../svg/line-chart.ts";
import { type Range, rangeChart } from "../svg/range-chart.ts";
import { carried, cpu, type Figures, p50, p99, rate } from "./figures.ts";
import { bytes, figure, kilobytes, micros, time } from "./format.ts";
import { noticeName } from "./notice-name.ts";

export const CHART_NAMES = ["throughput", "latency", "tail", "cpu", "bytes", "set-up", "memory", "notice"] as const;
export type ChartName = (typeof CHART_NAMES)[number];

export function charts(figures: Figures): Readonly<Record<ChartName, string>> {
  const { doors, many, results } = figures;
  const name = (door: DoorId): string => DOORS[door].name;
  const own = (door: DoorId, operation: OperationName, size: SizeName, of: (work: Work) => number): Range | null =>
    range(figures.own(door, { clients: many, operation, size }, of));
  return {
    throughput: lineChart({
      title: "Puts in a second",
      description:
        "How many small values all clients together put in a second, by the number of clients, for each door.",
      xLabel: "clients, each with one put under way in its own room",
      yLabel: "puts/s, all clients together; a bar at a point is the spread of the rounds",
      format: figure,
      lines: lines(figures, "put", rate),
    }),
    latency: lineChart({
      title: "Time of a get",
      description: "The median time of a get of a small value, by the number of clients, for each door.",
      xLabel: "clients, each with one get under way in its own room",
      yLabel: "median of the time from question to answer",
      format: time,
      lines: lines(figures, "get", p50),
    }),
    tail: rangeChart({
      title: `Time of a put with ${many} clients: the median and 99 of 100`,
      description:
        "For each door a dot at the median time of a put and a line to the time within which 99 of 100 are done.",
      axis: "from question to answer; the line goes to the 99th percentile",
      hasEnds: true,
      format: time,
      series: ["20 B", "1 KB"],
      rows: doors.map((door) => ({
        name: name(door),
        ranges: (["small", "large"] as const).map((size) => {
          const kind = { clients: many, operation: "put", size } as const;
          return tail(figures.own(door, kind, p50), figures.own(door, kind, p99));
        }),
      })),
    }),
    cpu: rangeChart({
      title: `CPU time of the server for one operation, ${many} clients`,
      description: "For each door the CPU time that the server takes for a get and for a put of a small value.",
      axis: "µs of the server's CPU; the line is the spread of the rounds",
      hasEnds: false,
      format: micros,
      series: ["get", "put"],
      rows: doors.map((door) => ({
        name: name(door),
        ranges: [own(door, "get", "small", cpu), own(door, "put", "small", cpu)],
      })),
    }),
    bytes: rangeChart({
      title: `Bytes on the wire for one get, ${many} clients`,
      description: "For each door the bytes that a get of a small and of a large value takes in both directions.",
      axis: "bytes in both directions, without the headers of TCP and IP",
      hasEnds: false,
      format: bytes,
      series: ["20 B", "1 KB"],
      rows: doors.map((door) => ({
        name: name(door),
        ranges: [own(door, "get", "small", carried), own(door, "get", "large", carried)],
      })),
    }),
    "set-up": rangeChart({
      title: "Time to connect and sign in",
      description: "For each door a dot at the median time to connect and sign in, and a line to the 95th percentile.",
      axis: "one connection after the other; the line goes to the 95th percentile",
      hasEnds: true,
      format: time,
      series: ["signed in"],
      rows: doors.map((door) => ({
        name: name(door),
        ranges: [
          tail(
            figures.setUp(door, p50),
            figures.setUp(door, ({ latency }) => latency.p95),
          ),
        ],
      })),
    }),
    memory: rangeChart({
      title: "Memory of the server for one connection",
      description: "For each door the memory that one idle connection takes in the server.",
      axis: `read from ${results.memoryConnections.toLocaleString("en-US")} idle connections`,
      hasEnds: false,
      format: kilobytes,
      series: ["heap and buffers", "resident"],
      rows: doors.map((door) => ({
        name: name(door),
        ranges: [range(figures.memory(door, ({ used }) => used)), range(figures.memory(door, ({ rss }) => rss))],
      })),
    }),
    notice: rangeChart({
      title: "From a change until others know of it",
      description:
        "For being told and for asking: the median time until a client knows of a change, and the 99th percentile.",
      axis: "the line goes to the 99th percentile",
      hasEnds: true,
      format: time,
      series: ["knows"],
      rows: results.notices.map((kind) => {
        const of = (at: keyof Latency) => figures.notice(kind, ({ latency }: Notice) => latency[at]);
        return { name: noticeName(kind), ranges: [tail(of("p50"), of("p99"))] };
      }),
    }),
  };
}

function lines(figures: Figures, operation: OperationName, of: (work: Work) => number): readonly Line[] {
  return figures.doors.map((door) => ({
    name: DOORS[door].name,
    colour: DOOR_IDS.indexOf(door),
    points: figures.results.clients.flatMap((clients) => {
      const found = figures.own(door, { clients, operation, size: "small" }, of);
      return found === null ? [] : [{ x: clients, y: found.median, low: found.low, high: found.high }];
    }),
  }));
}

/** What is not above 0 has no place on an axis that multiplies. */
function range(spread: Spread | null): Range | null {
  if (spread === null || !(spread.median > 0)) return null;
  return { at: spread.median, low: spread.low > 0 ? spread.low : spread.median, high: spread.high };
}

function tail(middle: Spread | null, end: Spread | null): Range | null {
  if (middle === null || end === null) return null;
  return { at: middle.median, low: middle.median, high: Math.max(middle.median, end.median) };
}
