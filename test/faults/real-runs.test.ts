/**
 * A real server process that is frozen and killed, behind lines that are cut, stalled, delayed and half open, over
 * polling, WebSocket and what lies between: what all clients saw is judged by the validators of histories.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Fleet } from "../soak/fleet.ts";
import { RealServer } from "../soak/real-server.ts";
import { playRound } from "../soak/round.ts";
import { words } from "../soak/words.ts";
import { freshSeed } from "../support/random.ts";

const seed = freshSeed();
let server: RealServer;
let fleet: Fleet;

beforeAll(async () => {
  server = await RealServer.start();
  fleet = await Fleet.open(server, 12, 4);
});
afterAll(async () => {
  await fleet.close();
  await server.close();
});

test(`all is told and every outcome is right, through lines in trouble and a server that is frozen and killed, seed ${seed}`, async () => {
  const round = await playRound({
    server,
    fleet,
    seed,
    ms: 8_000,
    serverTroubles: ["freeze", "restart", "freeze"],
    burstMs: 50,
    troubleMs: 700,
  });
  process.stdout.write(`Real runs: ${words([round])}.\n`);
  expect(round.report).toBe("");
  expect(round.violations).toEqual([]);
  // It was in earnest.
  expect(round.operations).toBeGreaterThan(200);
  expect(round.resumed).toBeGreaterThan(5);
  expect(round.reconnects - round.resumed).toBeGreaterThan(5);
  expect(round.unknown).toBeGreaterThan(0);
  expect(round.gaps).toBeGreaterThan(5);
});
