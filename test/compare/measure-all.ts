/** One run: all that is measured, round after round. */

import { Collection } from "./collection.ts";
import { DOOR_IDS, DOORS, type DoorId } from "./doors.ts";
import { FORMS, type FormName } from "./forms.ts";
import { MeasuredServer } from "./measured-server.ts";
import type { Stage } from "./measures/busy.ts";
import { measureMemory } from "./measures/memory.ts";
import { measureNotice } from "./measures/notice.ts";
import { countTogether, raceForNames, WAYS } from "./measures/races.ts";
import { measureSetUp } from "./measures/set-up.ts";
import { measureTogether } from "./measures/together.ts";
import { visit } from "./measures/work.ts";
import { noticesOf, PIPELINED, visitsOf } from "./plan.ts";
import type { Progress } from "./progress.ts";
import type { Ports, Results } from "./results.ts";
import { WireMeter } from "./wire-meter.ts";

/** What the steps take, about, in s beside what is counted: for the progress alone. */
const STEP_S = { visit: 0.25, thousand: 1.2, small: 0.3, memory: 2 };
/** Uncounted, so that what comes first is not what is compiled last. */
const WARM_UP = { clients: 10, ms: 150 };

export async function measureAll(name: FormName, progress: Progress): Promise<Results> {
  const form = FORMS[name];
  const span = { ms: form.measureMs, leastOperations: form.leastOperations };
  const warmUp = { ms: Math.min(WARM_UP.ms, span.ms), leastOperations: 1 };
  const meter = new WireMeter();
  const server = await MeasuredServer.start();
  const stage: Stage = { server, meter };
  const isOpen = ({ door }: { readonly door: DoorId }): boolean => {
    const { at } = DOORS[door];
    return at === null || Object.hasOwn(server.places.ports, at);
  };
  const doors = DOOR_IDS.filter((door) => isOpen({ door }));
  const all = new Collection();
  const visitS = (clients: number): number =>
    STEP_S.visit + (clients / 1_000) * STEP_S.thousand + (5 * form.measureMs) / 1_000;
  const noticeS = (everyMs: number | null): number => (form.noticeMs + (everyMs ?? 0)) / 1_000 + STEP_S.small;
  const visits = visitsOf(form, 0).filter(isOpen);
  const notices = noticesOf(form).filter(isOpen);
  const ways = WAYS.filter(isOpen);
  const smallSteps = doors.length + PIPELINED.length + ways.length;
  progress.begin(
    form.rounds *
      (visits.reduce((sum, { clients }) => sum + visitS(clients), 0) +
        notices.reduce((sum, { everyMs }) => sum + noticeS(everyMs), 0) +
        smallSteps * STEP_S.small +
        doors.length * STEP_S.memory),
  );
  const attempt = async (what: string, weight: number, run: () => Promise<void>): Promise<void> => {
    try {
      // What the step before has closed is not to be counted in this one.
      await meter.calm();
      await server.costs();
      await progress.step(what, weight, run);
    } catch (error) {
      all.failed(what, error);
    }
  };

  try {
    for (const door of doors) {
      const role = DOORS[door].roles[0] ?? "guest";
      await attempt(`warming up ${DOORS[door].name}`, 0, async () => {
        await visit(stage, { door, role, clients: WARM_UP.clients }, warmUp);
      });
    }
    for (let round = 0; round < form.rounds; round++) {
      const where = form.rounds === 1 ? "" : `round ${round + 1} of ${form.rounds}, `;
      for (const one of visitsOf(form, round).filter(isOpen)) {
        const what = `${where}${DOORS[one.door].name}, ${one.clients} × ${one.role}`;
        await attempt(what, visitS(one.clients), async () => {
          const { openedPerSecond, work } = await visit(stage, one, span);
          for (const { operation, size, work: figures } of work) all.work({ ...one, operation, size }, figures);
          if (one.role !== "manager") all.crowd(one, openedPerSecond);
        });
      }
      for (const door of doors) {
        await attempt(`${where}${DOORS[door].name}, setting up`, STEP_S.small, async () => {
          all.setUp(door, await measureSetUp(stage, door, form.setUps));
        });
        await attempt(`${where}${DOORS[door].name}, memory`, STEP_S.memory, async () => {
          all.memory(door, await measureMemory(form.freshServers ? null : server, door, form.memoryConnections));
        });
      }
      for (const door of PIPELINED.filter((one) => doors.includes(one))) {
        await attempt(`${where}${DOORS[door].name}, many at once`, STEP_S.small, async () => {
          all.together(door, await measureTogether(stage, door, span));
        });
      }
      for (const { door, everyMs } of notices) {
        const how = everyMs === null ? "told" : `asking every ${everyMs} ms`;
        await attempt(`${where}${DOORS[door].name}, ${how}`, noticeS(everyMs), async () => {
          const plan = { door, everyMs, observers: form.observers, ms: form.noticeMs, seed: round };
          all.notice({ door, everyMs }, await measureNotice(stage, plan));
        });
      }
      for (const way of ways) {
        await attempt(`${where}counting, ${way.name}`, STEP_S.small, async () => {
          const { counters, countTo } = form;
          all.count(way.name, counters * countTo, await countTogether(server.places, way, counters, countTo));
        });
      }
    }
    await attempt("names", 0, async () => all.names(form.namesakes, await raceForNames(server.places, form.namesakes)));
  } finally {
    meter.close();
    await server.stop();
  }
  const ports = doors.flatMap((door) => portsOf(door, server, meter) ?? []);
  const { rounds, clients, observers, memoryConnections } = form;
  return { form: name, rounds, clients, observers, memoryConnections, ports, ...all.figures };
}

/** Null for a door that shares its port with one before. */
function portsOf(door: DoorId, { places }: MeasuredServer, meter: WireMeter): Ports | null {
  const { at, usualPort } = DOORS[door];
  if (DOOR_IDS.find((one) => DOORS[one].usualPort === usualPort) !== door) return null;
  const server = at === null ? Number(new URL(places.url).port) : (places.ports[at] ?? 0);
  const clients = [...meter.portsTo(server)];
  const [lowest, highest] = clients.reduce(
    ([least, most], port) => [Math.min(least, port), Math.max(most, port)] as const,
    [Number.POSITIVE_INFINITY, 0] as readonly [number, number],
  );
  return { door, server, clients: clients.length, lowest, highest };
}
