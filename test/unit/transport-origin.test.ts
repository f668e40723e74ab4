import { expect, test } from "@jest/globals";
import { isLoopback, isOriginAllowed } from "../../server/transport/origin.ts";

const local = { allowed: ["https://app.example"], loopbackOnly: true };
const open = { allowed: [], loopbackOnly: false };

test.each([
  ["no origin: no browser", local, undefined, "127.0.0.1:3000", true],
  ["a named one", local, "https://app.example", "127.0.0.1:3000", true],
  ["a named one on another port", local, "https://app.example:8443", "127.0.0.1:3000", false],
  ["a named one without TLS", local, "http://app.example", "127.0.0.1:3000", false],
  ["one that begins like a named one", local, "https://app.example.evil", "127.0.0.1:3000", false],
  ["the server's own", local, "http://127.0.0.1:3000", "127.0.0.1:3000", true],
  ["the server's own by name", local, "http://localhost:3000", "localhost:3000", true],
  ["the server's own by IPv6", local, "http://[::1]:3000", "[::1]:3000", true],
  ["another local server's", local, "http://127.0.0.1:4000", "127.0.0.1:3000", false],
  ["a foreign name that points here", local, "http://evil.example:3000", "evil.example:3000", false],
  ["the same where the server is public", open, "http://keys.example:3000", "keys.example:3000", true],
  ["a file's or a sandbox's", local, "null", "127.0.0.1:3000", false],
  ["no URL", local, "app", "app", false],
  ["an empty one", local, "", "127.0.0.1:3000", false],
  ["without a host", open, "http://keys.example", undefined, false],
])("%s", (_what, policy, origin, host, allowed) => {
  expect(isOriginAllowed(policy, origin, host)).toBe(allowed);
});

test.each([
  ["127.0.0.1", true],
  ["127.255.255.254", true],
  ["localhost", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["192.168.1.127", false],
  ["127.0.0.1.evil.example", false],
  ["::", false],
])("%s: %s", (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});
