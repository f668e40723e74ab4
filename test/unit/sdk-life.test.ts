import { expect, test } from "@jest/globals";
import { type Life, type LifeEvent, step } from "../../client/sdk/life.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { GREETING } from "../support/mute-server.ts";

const NOW = 1_000;
const wire = { patienceMs: 5_500, backoffMs: (attempts: number) => 10 ** attempts };
const error = (message: string): KeyroomError => new KeyroomError("unavailable", message);

const EVENTS = {
  welcomed: { kind: "welcomed", session: GREETING },
  heard: { kind: "heard" },
  bye: { kind: "bye", why: error("Bye."), afterMs: 300 },
  lost: { kind: "lost", why: error("Lost.") },
  refused: { kind: "refused", why: error("Busy.") },
  refusedForGood: { kind: "refused", why: new KeyroomError("unauthenticated", "Wrong.") },
  due: { kind: "due" },
  close: { kind: "close", why: error("Done.") },
} as const satisfies Record<string, LifeEvent>;

const LIVES: { readonly [K in Life["kind"]]: Extract<Life, { kind: K }> } = {
  once: { kind: "once" },
  connecting: { kind: "connecting", attempts: 2 },
  connected: { kind: "connected", until: NOW },
  stale: { kind: "stale", until: NOW },
  dismissed: { kind: "dismissed", bye: EVENTS.bye, attempts: 2, until: NOW },
  waiting: { kind: "waiting", attempts: 2, until: NOW },
  closed: { kind: "closed" },
};

const GREETED = "connected +5500; tells session";
const DISMISSED = "dismissed +5500";
const SAME = "the same";

/** What becomes of each, after how many ms it is due, what the wire does, and what is told. */
const CELLS: { readonly [L in Life["kind"]]: { readonly [E in keyof typeof EVENTS]: string } } = {
  once: {
    welcomed: GREETED,
    heard: SAME,
    bye: "closed; close; tells closed: Bye.",
    lost: "closed; close; tells closed: Lost.",
    refused: "closed; close; tells closed: Busy.",
    refusedForGood: "closed; close; tells closed: Wrong.",
    due: SAME,
    close: "closed; close; tells closed: Done.",
  },
  connecting: {
    welcomed: GREETED,
    heard: SAME,
    bye: `${DISMISSED} after 2 attempts`,
    lost: "waiting +100 after 3 attempts; tells waiting: Lost.",
    refused: "waiting +100 after 3 attempts; tells waiting: Busy.",
    refusedForGood: "closed; close; tells closed: Wrong.",
    due: SAME,
    close: "closed; close; tells closed: Done.",
  },
  connected: {
    welcomed: GREETED,
    heard: "connected +5500",
    bye: `${DISMISSED} after 0 attempts`,
    lost: "waiting +1 after 1 attempts; tells waiting: Lost.",
    refused: "waiting +1 after 1 attempts; tells waiting: Busy.",
    refusedForGood: "closed; close; tells closed: Wrong.",
    due: "stale +2000; tells silent: No word from the server for 5 s.",
    close: "closed; close; tells closed: Done.",
  },
  stale: {
    welcomed: GREETED,
    heard: "connected +5500; tells heard",
    bye: `${DISMISSED} after 0 attempts`,
    lost: "waiting +1 after 1 attempts; tells waiting: Lost.",
    refused: "waiting +1 after 1 attempts; tells waiting: Busy.",
    refusedForGood: "closed; close; tells closed: Wrong.",
    due: "stale +2000; drop",
    close: "closed; close; tells closed: Done.",
  },
  dismissed: {
    welcomed: GREETED,
    heard: SAME,
    bye: `${DISMISSED} after 2 attempts`,
    // As long as the bye asks for, and what a refusal costs.
    lost: "waiting +400 after 3 attempts; tells waiting: Bye.",
    refused: "waiting +100 after 3 attempts; tells waiting: Busy.",
    refusedForGood: "closed; close; tells closed: Wrong.",
    due: "dismissed +2000 after 2 attempts; drop",
    close: "closed; close; tells closed: Done.",
  },
  waiting: {
    welcomed: GREETED,
    heard: SAME,
    bye: SAME,
    lost: SAME,
    refused: "waiting +100 after 3 attempts; tells waiting: Busy.",
    refusedForGood: "closed; close; tells closed: Wrong.",
    due: "connecting after 2 attempts; connect",
    close: "closed; close; tells closed: Done.",
  },
  closed: {
    welcomed: SAME,
    heard: SAME,
    bye: SAME,
    lost: SAME,
    refused: SAME,
    refusedForGood: SAME,
    due: SAME,
    close: SAME,
  },
};

const cells = Object.entries(CELLS).flatMap(([life, row]) =>
  Object.entries(row).map(([event, becomes]) => [life, event, becomes] as const),
);

test.each(cells)("%s, %s: %s", (kind, name, becomes) => {
  const life = LIVES[kind as Life["kind"]];
  const [next, order, news] = step(life, EVENTS[name as keyof typeof EVENTS], NOW, wire);
  if (becomes === SAME) {
    // Not another one like it: its timer goes on.
    expect(next).toBe(life);
    expect([order, news]).toEqual([undefined, undefined]);
    return;
  }
  const until = "until" in next ? ` +${next.until - NOW}` : "";
  const attempts = "attempts" in next ? ` after ${next.attempts} attempts` : "";
  const about = news === undefined ? "" : aboutOf(news[1]);
  const told = news === undefined ? [] : [`tells ${news[0]}${about}`];
  expect([`${next.kind}${until}${attempts}`, ...(order ? [order] : []), ...told].join("; ")).toBe(becomes);
});

test("the session is told as it came, and the bye's reason is kept until the connection is lost", () => {
  expect(step(LIVES.connecting, EVENTS.welcomed, NOW, wire)[2]).toEqual(["session", GREETING]);
  const [dismissed] = step(LIVES.connected, EVENTS.bye, NOW, wire);
  expect(step(dismissed, EVENTS.lost, NOW, wire)[2]).toEqual(["waiting", EVENTS.bye.why]);
});

test("each failed attempt in a row is waited for longer, until a session", () => {
  let life: Life = { kind: "connecting", attempts: 0 };
  const waits = [0, 1, 2].map(() => {
    const [waiting] = step(life, EVENTS.refused, NOW, wire);
    [life] = step(waiting, EVENTS.due, NOW, wire);
    return waiting;
  });
  expect(waits).toMatchObject([{ until: NOW + 1 }, { until: NOW + 10 }, { until: NOW + 100 }]);
  [life] = step(life, EVENTS.welcomed, NOW, wire);
  expect(step(life, EVENTS.lost, NOW, wire)[0]).toMatchObject({ until: NOW + 1 });
});

function aboutOf(about: unknown): string {
  if (about instanceof KeyroomError) return `: ${about.message}`;
  return typeof about === "string" ? `: ${about}` : "";
}
