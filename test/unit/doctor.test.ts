import { PassThrough } from "node:stream";
import { afterEach, expect, jest, test } from "@jest/globals";
import { judge } from "../../client/doctor/certificate.ts";
import type { Patient } from "../../client/doctor/check.ts";
import { checkPort, type Dialled, judgePort } from "../../client/doctor/network.ts";
import { linesOf, summary } from "../../client/doctor/report.ts";
import { checkRoundTrip } from "../../client/doctor/session.ts";
import { KeyroomError } from "../../client/sdk/index.ts";
import { widthOf } from "../../client/terminal/fit.ts";
import { FakeStore } from "../support/cli-fake-store.ts";

const NOW = Date.parse("2026-06-01");
const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  jest.restoreAllMocks();
});

function socket(authorizationError: string | null, days: number): Parameters<typeof judge>[0] {
  const certificate = {
    subject: { CN: "a.example" },
    subjectaltname: "DNS:a.example, DNS:b.example",
    valid_to: new Date(NOW + days * DAY_MS).toUTCString(),
  };
  return {
    authorized: authorizationError === null,
    authorizationError: authorizationError as unknown as Error,
    getPeerCertificate: (() => certificate) as unknown as Parameters<typeof judge>[0]["getPeerCertificate"],
    getProtocol: () => "TLSv1.3",
  };
}

test.each([
  [null, 14, "ok", "The certificate is trusted, and good for 14 days more (TLSv1.3).", undefined],
  [null, 13, "warning", "The certificate is trusted, and good for 13 days more (TLSv1.3).", /^Renew it/],
  ["CERT_HAS_EXPIRED", -2, "problem", "The certificate ended 2 days ago.", /^Renew it/],
  ["CERT_NOT_YET_VALID", 90, "problem", "The certificate is not valid yet.", /clock/],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    90,
    "problem",
    "The certificate is not for c.example but for DNS:a.example, DNS:b.example.",
    /by a name it is for/,
  ],
  [
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    90,
    "problem",
    "The certificate is not trusted here (unable to verify leaf signature).",
    /--ca FILE/,
  ],
])("a certificate with %s and %i days left", (error, days, state, says, advice) => {
  const check = judge(socket(error, days), "c.example", NOW);
  expect(check).toMatchObject({ name: "tls", state, says });
  if (advice === undefined) expect(check.advice).toBeUndefined();
  else expect(check.advice).toMatch(advice);
  expect(check.unreachable === true).toBe(state === "problem");
});

test("a name of which one address is dead is a warning, but for localhost", async () => {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const patient: Patient = { url: "", host: "a.example", port, secure: false, ca: undefined, deadlineMs: 5_000 };
  try {
    const check = await checkPort(patient, ["127.0.0.1", "::1"]);
    expect(check).toMatchObject({
      state: "warning",
      says: `127.0.0.1 takes connections at port ${port}, ::1 does not.`,
    });
    expect(await checkPort({ ...patient, host: "localhost" }, ["127.0.0.1", "::1"])).toMatchObject({ state: "ok" });
    expect(await checkPort(patient, ["127.0.0.1"])).toMatchObject({ state: "ok" });
  } finally {
    server.close();
  }
});

test("of several addresses the one counts that tells of the server, and not the one that this machine cannot use", () => {
  const patient: Patient = { url: "", host: "a.example", port: 7, secure: false, ca: undefined, deadlineMs: 3_000 };
  const judged = (...failures: readonly (string | null)[]) =>
    judgePort(
      failures.map((failure, i): Dialled => ({ address: `10.0.0.${i + 1}`, ms: 1, failure })),
      patient,
    );
  expect(judged("EADDRNOTAVAIL", "TIMEOUT", "ECONNREFUSED").says).toMatch(/^Nothing listens at port 7 of 10\.0\.0\.3:/);
  expect(judged("ENETUNREACH", "TIMEOUT").says).toBe("No answer from port 7 of 10.0.0.2 within 3 s.");
  expect(judged("ENETUNREACH", "ENETUNREACH").says).toBe("There is no way to 10.0.0.1 and 10.0.0.2 from here.");
  expect(judged("ENETUNREACH", null)).toMatchObject({
    state: "ok",
    says: "10.0.0.2 takes connections at port 7. There is no way to 10.0.0.1 from here, and none is needed.",
  });
  expect(judged(null, "ENETUNREACH", "ECONNREFUSED", null)).toMatchObject({
    state: "warning",
    says: "10.0.0.1 and 10.0.0.4 take connections at port 7, 10.0.0.2 and 10.0.0.3 do not.",
  });
});

test.each([
  [299, "ok"],
  [300, "warning"],
])("round trips of mostly %i ms: %s", async (ms, state) => {
  let now = 0;
  jest.spyOn(performance, "now").mockImplementation(() => now);
  const times = [ms, 5_000, ms, 1, ms];
  const store = new FakeStore();
  store.get = async () => {
    now += times.shift() ?? 0;
    return null;
  };
  expect(await checkRoundTrip(store)).toMatchObject({
    state,
    says: `A request takes ${ms} ms (1.0 ms to 5000 ms).`,
  });
});

test("a request that fails is a problem", async () => {
  const store = new FakeStore();
  store.failure = { command: "get", error: new KeyroomError("timeout", "No answer.") };
  expect(await checkRoundTrip(store)).toMatchObject({ state: "problem", says: "A request failed. No answer." });
});

const check = {
  name: "server",
  state: "problem",
  says: "What answers is no Keyroom server (HTTP 404, by \u001b[2J漢字漢字).",
  advice: "Check the host and the port.",
} as const;
const plain = new PassThrough() as unknown as NodeJS.WriteStream;

test.each([40, 59, 60, 80, undefined])(
  "on %s columns the lines fit, and nothing reaches the terminal raw",
  (columns) => {
    const lines = linesOf(check, columns, plain);
    for (const line of lines) {
      expect(line).not.toContain("\u001b");
      if (columns !== undefined) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    }
    const text = lines.join(" ").replace(/\s+/g, " ");
    expect(text).toMatch(/^problem server What answers .*by \\x1b\[2J漢字漢字\)\. Do: Check the host and the port\.$/);
    if (columns === undefined) expect(lines).toHaveLength(2);
  },
);

test("the sum is said in words", () => {
  const ok = { name: "a", state: "ok", says: "" } as const;
  const warning = { ...ok, state: "warning" } as const;
  expect(summary([ok])).toBe("All is well.");
  expect(summary([ok, warning])).toBe("No problem, 1 warning.");
  expect(summary([check, check, warning])).toBe("2 problems, 1 warning.");
});
