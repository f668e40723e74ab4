import { expect, test } from "@jest/globals";
import { LockSections } from "../../client/sdk/lock-sections.ts";
import type { HeldLock, LockOptions } from "../../client/sdk/types.ts";
import { KeyroomError } from "../../protocol/errors.ts";
import { rejectionOf } from "../support/keyroom-error.ts";
import { CLIENT, ignore, OutboxRig, refusal, turn } from "../support/outbox-rig.ts";

const GRACE_MS = 30_000;
const DEADLINE_MS = 10_000;

/** Sections of a store whose server is the test. */
class Rig extends OutboxRig {
  heardAt = 0;
  readonly sections = new LockSections(this.outbox, this.clock, () => this.heardAt);

  constructor() {
    super(DEADLINE_MS);
    this.connect();
    this.sections.connected({ resumed: false, graceMs: GRACE_MS });
  }

  /** What the server was asked of locks. */
  get asked(): string[] {
    return this.sent.map(({ name, payload }) => `${name} ${String(payload["keys"])}`);
  }

  /** A section that goes on when it is told to. */
  begin(keys: string, options: LockOptions = {}): Begun {
    let end = (_error?: Error): void => undefined;
    const begun: Begun = { lock: null, end: (error) => end(error), done: Promise.resolve() };
    begun.done = this.sections.run("ann", keys.split(","), options, (lock) => {
      begun.lock = lock;
      return new Promise<string>((resolve, reject) => {
        end = (error) => (error === undefined ? resolve("result") : reject(error));
      });
    });
    ignore(begun.done);
    return begun;
  }

  async grant(fence: number): Promise<void> {
    await turn();
    this.answer(-1, { ok: true, value: { fence } });
    await turn();
  }

  async unlocked(): Promise<void> {
    await turn();
    expect(this.asked.at(-1)).toMatch(/^unlock/);
    this.answer(-1, { ok: true, value: {} });
    await turn();
  }

  /** One that holds its keys. */
  async held(keys: string, options: LockOptions = {}, fence = 7): Promise<Begun> {
    const begun = this.begin(keys, options);
    await this.grant(fence);
    expect(begun.lock).not.toBeNull();
    return begun;
  }

  reconnect(resumed: boolean): void {
    this.outbox.disconnected();
    this.sections.silent();
    this.connect(resumed ? CLIENT : "e".repeat(22), resumed);
    this.sections.connected({ resumed, graceMs: GRACE_MS });
  }
}

interface Begun {
  lock: HeldLock | null;
  readonly end: (error?: Error) => void;
  done: Promise<unknown>;
}

const LOST = { code: "stale_fence", message: expect.stringMatching(/^The lock was lost: .*\.$/) };

test("takes the locks, runs, and gives them up before it is done", async () => {
  const rig = new Rig();
  const section = await rig.held("a,b");
  expect(rig.sent[0]?.payload).toMatchObject({ room: "ann", keys: ["a", "b"], mode: "exclusive", waitMs: 10_000 });
  expect(section.lock).toMatchObject({ keys: ["a", "b"], fence: 7, signal: { aborted: false } });
  section.end();
  await turn();
  expect(rig.asked).toEqual(["lock a,b", "unlock a,b"]);
  rig.answer(-1, { ok: true, value: {} });
  expect(await section.done).toBe("result");
  expect(rig.clock.pending).toBe(0);
});

test("what the function throws is thrown, when the locks are given up", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  const error = new Error("mine");
  section.end(error);
  await rig.unlocked();
  await expect(section.done).rejects.toBe(error);
});

test("whoever is refused has nothing to give up; where nobody knows whether there is a lock, it is given up", async () => {
  const rig = new Rig();
  const refused = rig.begin("a", { waitMs: 5, mode: "shared", leaseMs: 9 });
  await turn();
  expect(rig.sent[0]?.payload).toMatchObject({ waitMs: 5, mode: "shared", leaseMs: 9 });
  rig.answer(0, refusal("locked", true));
  expect(await rejectionOf(refused.done)).toMatchObject({ code: "locked" });
  expect(rig.asked).toEqual(["lock a"]);
  const open = rig.begin("b", { waitMs: 0 });
  await turn();
  rig.clock.advance(DEADLINE_MS);
  await rig.unlocked();
  expect(await rejectionOf(open.done)).toMatchObject({ code: "unknown_outcome" });
  expect(rig.asked).toEqual(["lock a", "lock b", "unlock b"]);
});

test("an unlock without an answer keeps nobody longer than the deadline; it is tried again, and others wait for it", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  section.end();
  await turn();
  const next = rig.begin("a", { waitMs: 60_000 });
  rig.clock.advance(DEADLINE_MS);
  expect(await section.done).toBe("result");
  await turn();
  expect(rig.asked).toEqual(["lock a", "unlock a", "unlock a"]);
  await rig.unlocked();
  expect(rig.asked.at(-1)).toBe("lock a");
  expect(rig.sent.at(-1)?.payload["waitMs"]).toBe(50_000);
  expect(next.lock).toBeNull();
});

test("sections of one store follow each other where they have a key in common, also where both only share it", async () => {
  const rig = new Rig();
  const first = await rig.held("a,b");
  const mode = "shared";
  const [second, third] = [rig.begin("b,c", { mode }), rig.begin("c", { mode })];
  const apart = await rig.held("d");
  expect(rig.asked).toEqual(["lock a,b", "lock d"]);
  first.end();
  await rig.unlocked();
  await rig.grant(8);
  expect([second.lock?.fence, third.lock]).toEqual([8, null]);
  second.end();
  await rig.unlocked();
  await rig.grant(9);
  expect(third.lock?.fence).toBe(9);
  const elsewhere = rig.sections.run("bob", ["d"], {}, () => 1);
  await rig.grant(10);
  await rig.unlocked();
  expect([await elsewhere, apart.lock?.signal.aborted]).toEqual([1, false]);
});

test("a function that asks for its own key again is told so when the wait is over, and holds it still", async () => {
  const rig = new Rig();
  const outer = await rig.held("a");
  const inner = rig.begin("a", { waitMs: 3_000 });
  await turn();
  rig.clock.advance(3_000);
  expect(await rejectionOf(inner.done)).toMatchObject({
    code: "locked",
    message: expect.stringContaining("perhaps the one around this"),
  });
  expect([rig.asked, outer.lock?.signal.aborted]).toEqual([["lock a"], false]);
});

test("thousands of functions may wait for one key, at no great cost, and go in order", async () => {
  const rig = new Rig();
  const begun = [await rig.held("a"), ...Array.from({ length: 5_000 }, () => rig.begin("a", { waitMs: 60_000 }))];
  const [first, second, third, ...others] = begun;
  first?.end();
  await rig.unlocked();
  await rig.grant(8);
  expect([second?.lock?.fence, third?.lock]).toEqual([8, null]);
  rig.clock.advance(60_000);
  await Promise.allSettled([third?.done, ...others.map(({ done }) => done)]);
  expect([rig.asked, rig.clock.pending]).toEqual([["lock a", "unlock a", "lock a"], 0]);
});

test("whoever gives up lets nobody pass whom it waited for, and lets others pass that waited for it alone", async () => {
  const rig = new Rig();
  await rig.held("a");
  const between = rig.begin("a,b", { waitMs: 1_000 });
  const [behind, beside] = [rig.begin("a", { waitMs: 60_000 }), rig.begin("b", { waitMs: 60_000 })];
  await turn();
  rig.clock.advance(1_000);
  expect(await rejectionOf(between.done)).toMatchObject({ code: "locked" });
  await rig.grant(8);
  expect([rig.asked, behind.lock, beside.lock?.fence]).toEqual([["lock a", "lock b"], null, 8]);
});

test("a lock that is lost fires the signal, and the call rejects with its reason; not for other keys, nor other rooms", async () => {
  const rig = new Rig();
  const section = await rig.held("a,b");
  rig.sections.pushed({ room: "ann", lost: { keys: ["c"], reason: "lease", message: "its lease was over." } });
  rig.sections.pushed({ room: "bob", lost: { keys: ["a"], reason: "lease", message: "its lease was over." } });
  rig.sections.pushed({ room: "ann", waiting: { keys: ["a"], mode: "shared", behind: [] } });
  expect(section.lock?.signal.aborted).toBe(false);
  rig.sections.pushed({ room: "ann", lost: { keys: ["b"], reason: "lease", message: "its lease was over." } });
  expect(section.lock?.signal.reason).toMatchObject({ ...LOST, message: "The lock was lost: its lease was over." });
  section.end();
  await rig.unlocked();
  await expect(section.done).rejects.toBe(section.lock?.signal.reason);
});

test("where the function throws because of a loss, that is what is thrown", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  rig.sections.pushed({ room: "ann", lost: { keys: ["a"], reason: "new", message: "something new." } });
  expect(section.lock?.signal.reason).toMatchObject({ message: "The lock was lost: something new." });
  const error = new Error("stopped");
  section.end(error);
  await rig.unlocked();
  await expect(section.done).rejects.toBe(error);
});

test("a lock that is lost in the turn in which it is granted is not run under", async () => {
  const rig = new Rig();
  const section = rig.begin("a");
  await turn();
  rig.answer(-1, { ok: true, value: { fence: 7 } });
  rig.sections.pushed({ room: "ann", lost: { keys: ["a"], reason: "revoked", message: "it was taken away." } });
  await rig.unlocked();
  expect(await rejectionOf(section.done)).toMatchObject(LOST);
  expect(section.lock).toBeNull();
});

test("a lock counts as lost when the server was not heard for the grace, by the client's clock, and not before", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  rig.heardAt = 2_000;
  rig.clock.advance(7_000);
  rig.sections.silent();
  rig.clock.advance(5_000);
  // The same silence, told again when the connection was given up.
  rig.sections.silent();
  rig.clock.advance(GRACE_MS - 10_000 - 1);
  expect(section.lock?.signal.aborted).toBe(false);
  rig.clock.advance(1);
  expect(rig.clock.monotonic()).toBe(2_000 + GRACE_MS);
  expect(section.lock?.signal.reason).toMatchObject(LOST);
});

test("whatever is heard meanwhile begins the grace anew, and its heartbeat ends the doubt", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  rig.sections.silent();
  rig.clock.advance(GRACE_MS - 1);
  rig.heardAt = rig.clock.monotonic();
  rig.clock.advance(GRACE_MS - 1);
  expect([section.lock?.signal.aborted, rig.clock.pending]).toEqual([false, 1]);
  rig.sections.heard();
  rig.clock.advance(GRACE_MS);
  expect([section.lock?.signal.aborted, rig.clock.pending]).toEqual([false, 0]);
});

test("in a session that goes on the lock is there still, if asking again does not need a new one", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  rig.reconnect(true);
  await rig.grant(7);
  rig.clock.advance(GRACE_MS);
  expect([section.lock?.signal.aborted, rig.asked]).toEqual([false, ["lock a", "lock a"]]);
  expect(rig.sent[1]?.payload).not.toHaveProperty("leaseMs");
  rig.reconnect(true);
  await turn();
  rig.clock.advance(DEADLINE_MS);
  await turn();
  // Nobody knows, and the next connection asks again.
  expect(section.lock?.signal.aborted).toBe(false);
  rig.reconnect(true);
  await rig.grant(8);
  expect(section.lock?.signal.reason).toMatchObject(LOST);
  section.end();
  await rig.unlocked();
});

test("in a session that goes on the lock is lost if others have it by now", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  rig.reconnect(true);
  await turn();
  rig.answer(-1, refusal("locked", true));
  await turn();
  expect(section.lock?.signal.reason).toMatchObject(LOST);
});

test("with the session all its locks are lost; fences of another server say nothing", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  rig.reconnect(false);
  expect(section.lock?.signal.reason).toMatchObject({ ...LOST, message: "The lock was lost: the session is over." });
  section.end();
  await rig.unlocked();
  const next = await rig.held("a", {}, 3);
  rig.reconnect(true);
  await rig.grant(4);
  expect(next.lock?.signal.aborted).toBe(true);
});

test("whoever closes the store loses the locks; those who wait for them are told why", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  const next = rig.begin("a");
  await turn();
  const why = new KeyroomError("invalid", "Closed.");
  rig.outbox.close(why);
  rig.sections.silent();
  rig.sections.closed(why);
  expect(section.lock?.signal.reason).toMatchObject(LOST);
  await expect(next.done).rejects.toBe(why);
  await expect(rig.begin("a").done).rejects.toBe(why);
  section.end();
  expect(await rejectionOf(section.done)).toMatchObject(LOST);
  expect(rig.clock.pending).toBe(0);
});

test("closed while an unlock is under way, it is not tried for ever", async () => {
  const rig = new Rig();
  const section = await rig.held("a");
  section.end();
  await turn();
  const why = new KeyroomError("timeout", "The server had enough.");
  rig.sections.closed(why);
  rig.outbox.close(why);
  expect(await section.done).toBe("result");
  expect(rig.asked).toEqual(["lock a", "unlock a"]);
});
