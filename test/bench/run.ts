/**
 * Compares Keyroom with a bare Socket.IO server that echoes, each in a process of its own, in the same minute.
 * Speeds differ from machine to machine, so what is compared with the baseline is the ratio of the two.
 *
 *     npm run bench              measures and compares with baseline.json
 *     npm run bench -- --save    also writes baseline.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { connect } from "../../client/sdk/index.ts";
import { measure, median, type Operation, type Sample } from "./measure.ts";
import { MeasuredServer } from "./measured-server.ts";
import { openSockets, request } from "./sockets.ts";

const ROUNDS = 5;
/** Connections × requests under way on each. */
const SHAPES = [
  [1, 64],
  [100, 8],
  [1000, 1],
] as const;
const SDK_IN_FLIGHT = [1, 64, 1000];
const VALUE = "v".repeat(64);

const BASELINE = new URL("./baseline.json", import.meta.url);
const Baseline = v.record(v.string(), v.object({ opsRatio: v.number(), cpuRatio: v.number() }));
type Result = Readonly<Record<string, { readonly opsRatio: number; readonly cpuRatio: number }>>;

interface Contender {
  readonly name: string;
  readonly server: MeasuredServer;
  readonly connections: number;
  readonly inFlight: number;
  readonly operation: Operation;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const key = (): string => `key-${Math.floor(Math.random() * 100)}`;

/** Measures the contenders in turn, again and again, so that what else the machine does hits all alike. */
async function compete(title: string, contenders: readonly Contender[]): Promise<Result> {
  const samples: Sample[][] = contenders.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { server, connections, inFlight, operation }] of contenders.entries()) {
      samples[i]?.push(await measure(server, connections, inFlight, operation));
    }
  }
  const results = contenders.map(({ name }, i) => {
    const ops = median((samples[i] ?? []).map(({ opsPerSecond }) => opsPerSecond));
    const cpu = median((samples[i] ?? []).map(({ cpuMicros }) => cpuMicros));
    return { name: `${name} ${title}`, ops, cpu };
  });
  const echo = results[0];
  if (echo === undefined) throw new Error("Nothing was measured.");
  for (const { name, ops, cpu } of results) {
    const ratio = ops === echo.ops ? "" : `${(cpu / echo.cpu).toFixed(2)} × echo's CPU`;
    print(`${name.padEnd(22)} ${ops.toFixed(0).padStart(7)} ops/s ${cpu.toFixed(1).padStart(7)} µs CPU/op  ${ratio}`);
  }
  return Object.fromEntries(
    results.slice(1).map(({ name, ops, cpu }) => [name, { opsRatio: ops / echo.ops, cpuRatio: cpu / echo.cpu }]),
  );
}

async function compareShape(
  echo: MeasuredServer,
  keyroom: MeasuredServer,
  [connections, inFlight]: readonly [number, number],
): Promise<Result> {
  const there = await openSockets(echo.url, connections);
  const here = await openSockets(keyroom.url, connections);
  const on = (sockets: typeof here, name: string, payload: () => object): Operation => {
    return (connection) => request(sockets[connection] as (typeof sockets)[number], name, payload());
  };
  const shape = { connections, inFlight };
  const result = await compete(`${connections} × ${inFlight}`, [
    { ...shape, name: "echo", server: echo, operation: on(there, "echo", () => ({ key: key(), value: VALUE })) },
    { ...shape, name: "put", server: keyroom, operation: on(here, "put", () => ({ key: key(), value: VALUE })) },
    { ...shape, name: "get", server: keyroom, operation: on(here, "get", () => ({ key: key() })) },
  ]);
  for (const socket of [...there, ...here]) socket.disconnect();
  return result;
}

/** The SDK's puts beside the echo of a plain client, as many under way. */
async function compareSdk(echo: MeasuredServer, keyroom: MeasuredServer, inFlight: number): Promise<Result> {
  const [socket] = await openSockets(echo.url, 1);
  if (socket === undefined) throw new Error("No socket was opened.");
  const store = await connect(keyroom.url);
  const shape = { connections: 1, inFlight };
  const result = await compete(`1 × ${inFlight}`, [
    {
      ...shape,
      name: "echo",
      server: echo,
      operation: () => request(socket, "echo", { key: key(), value: VALUE }),
    },
    { ...shape, name: "SDK put", server: keyroom, operation: () => store.put(key(), VALUE) },
  ]);
  socket.disconnect();
  store.close();
  return result;
}

function compareWithBaseline(result: Result): void {
  const baseline = v.parse(Baseline, JSON.parse(readFileSync(BASELINE, "utf8")));
  print("\nCPU per operation, as a multiple of the echo's: now, and in the baseline");
  for (const [name, { cpuRatio }] of Object.entries(result)) {
    const before = baseline[name]?.cpuRatio;
    const change = before === undefined ? "(new)" : `${before.toFixed(2)}  ${percent(cpuRatio / before)}`;
    print(`${name.padEnd(22)} ${cpuRatio.toFixed(2)}  ${change}`);
  }
}

function percent(factor: number): string {
  const change = Math.round((factor - 1) * 100);
  return change === 0 ? "the same" : `${Math.abs(change)} % ${change > 0 ? "more" : "less"}`;
}

const [echo, keyroom] = [await MeasuredServer.start("echo"), await MeasuredServer.start("keyroom")];
print(
  `Node ${process.version}; medians of ${ROUNDS} rounds; connections × requests under way on each. About a minute.\n`,
);
let result: Result = {};
for (const shape of SHAPES) result = { ...result, ...(await compareShape(echo, keyroom, shape)) };
for (const inFlight of SDK_IN_FLIGHT) result = { ...result, ...(await compareSdk(echo, keyroom, inFlight)) };
echo.stop();
keyroom.stop();
if (process.argv.includes("--save")) writeFileSync(BASELINE, `${JSON.stringify(result, null, 2)}\n`);
compareWithBaseline(result);
