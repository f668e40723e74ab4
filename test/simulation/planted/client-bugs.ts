/** Bugs in the SDK and its wire. */
import { Replica } from "../../../client/sdk/replica.ts";
import { RemoteWatch } from "../../../client/sdk/watch.ts";
import type { OpenWire, Wire, WireListener } from "../../../client/sdk/wire.ts";
import type { Push } from "../../../protocol/pushes.ts";
import type { Clock } from "../../../server/domain/clock.ts";
import { inMethod, inPart, type Planted } from "./planted.ts";

/** Ms that a push lies about before it is handed on. */
const LIES_MS = 300;

const OF_WATCHES: ReadonlySet<string> = new Set(["start", "changes", "end"]);

/** The wire with some of its methods replaced. */
function around(wire: Wire, parts: Partial<Wire>): Wire {
  return {
    patienceMs: wire.patienceMs,
    connect: () => wire.connect(),
    waitFor: (ms) => wire.waitFor(ms),
    send: (...request) => wire.send(...request),
    drop: () => wire.drop(),
    close: () => wire.close(),
    backoffMs: (attempts) => wire.backoffMs(attempts),
    ...parts,
  };
}

function listening(listener: WireListener, parts: Partial<WireListener>): WireListener {
  return {
    auth: () => listener.auth(),
    push: (name, payload) => listener.push(name, payload),
    failed: (error, isRefusal) => listener.failed(error, isRefusal),
    lost: (reason) => listener.lost(reason),
    heard: () => listener.heard(),
    ...parts,
  };
}

/** Takes note of where a push leads to, and loses the push itself with the connection. */
function losesTheLast(open: OpenWire, clock: Clock): OpenWire {
  return (listener) => {
    const held = new Set<{ readonly name: string; readonly payload: unknown }>();
    return open(
      listening(listener, {
        push: (name, payload) => {
          if (!OF_WATCHES.has(name)) {
            listener.push(name, payload);
            return;
          }
          const push = { name, payload };
          held.add(push);
          clock.after(LIES_MS, () => {
            if (held.delete(push)) listener.push(name, payload);
          });
        },
        lost: (reason) => {
          for (const { name, payload } of held) {
            const isChange = name === "changes";
            listener.push(name, isChange ? { ...(payload as Push<"changes">), changes: [], series: [] } : payload);
          }
          held.clear();
          listener.lost(reason);
        },
      }),
    );
  };
}

/** Takes a write that was sent for a write that was made. */
function hopes(open: OpenWire): OpenWire {
  return (listener) => {
    const unanswered = new Set<() => void>();
    const wire = open(
      listening(listener, {
        lost: (reason) => {
          for (const answer of unanswered) answer();
          unanswered.clear();
          listener.lost(reason);
        },
      }),
    );
    return around(wire, {
      send: (name, payload, answered) => {
        const hope = (): void => answered({ ok: true, value: { revision: 1_000, version: 1, existed: true } });
        if (name === "put" || name === "delete") unanswered.add(hope);
        wire.send(name, payload, (answer) => {
          unanswered.delete(hope);
          answered(answer);
        });
      },
    });
  };
}

/** Does not care how long nothing has come. */
function patient(open: OpenWire): OpenWire {
  return (listener) => {
    const never = (reason: string): void => {
      if (reason !== "ping timeout") listener.lost(reason);
    };
    return around(open(listening(listener, { lost: never })), { patienceMs: 3_600_000 });
  };
}

/** One that throws keeps the events from those behind it. */
function inARow(on: RemoteWatch["on"]): RemoteWatch["on"] {
  const rows = new WeakMap<RemoteWatch, ((event: never) => void)[]>();
  return function (this: RemoteWatch, event, listener) {
    if (event !== "event") return on.call(this, event, listener);
    const known = rows.get(this);
    const row = known ?? [];
    row.push(listener as (event: never) => void);
    if (known !== undefined) return () => void row.splice(row.indexOf(listener as (event: never) => void), 1);
    rows.set(this, row);
    return on.call(this, "event", (told: unknown) => {
      for (const tell of row) tell(told as never);
    });
  } as RemoteWatch["on"];
}

export const CLIENT_BUGS: readonly Planted[] = [
  {
    bug: "the last change before a disconnect is lost",
    promises: "P5",
    validator: "complete",
    plant: () => inPart({ wire: losesTheLast }),
  },
  {
    bug: "a write that was sent when the connection was lost is told as done",
    promises: "P12",
    validator: "outcomes",
    plant: () => inPart({ wire: hopes }),
  },
  {
    bug: "nobody minds how long a connection is silent",
    promises: "P10",
    validator: "noticed",
    plant: () => inPart({ wire: patient }),
  },
  {
    bug: "a listener that throws keeps the event from the others",
    promises: "P4, P5",
    validator: "complete",
    plant: () => inMethod(RemoteWatch.prototype, "on", inARow),
  },
  {
    bug: "a gap is told without its deletes",
    promises: "P8",
    validator: "resumable",
    plant: () =>
      inMethod(
        Replica.prototype,
        "begin",
        (begin) =>
          function (this: Replica, start) {
            return begin.call(this, start).map((event) => (event.kind === "gap" ? { ...event, deletes: [] } : event));
          },
      ),
  },
];
