import { expect, test } from "@jest/globals";
import { unreachable } from "../../client/sdk/unreachable.ts";

const URL_ = "https://keys.example:3000";

/** As Node reports it when a name has several addresses and none of them answers. */
const refusedTwice = new AggregateError([
  new Error("connect ECONNREFUSED ::1:1"),
  new Error("ECONNREFUSED 127.0.0.1:1"),
]);

test.each<[string, Error, RegExp]>([
  ["a WebSocket's error event", fail({ description: { message: "connect ECONNREFUSED" } }), /Is the server running/],
  ["several addresses", fail({ description: { error: refusedTwice } }), /Is the server running/],
  ["a code on the error", fail({ description: { error: coded("getaddrinfo", "ENOTFOUND") } }), /no such host/],
  ["a name server that does not answer", fail({ description: { error: coded("x", "EAI_AGAIN") } }), /no such host/],
  ["a timeout of the Manager", new Error("timeout"), /no answer/],
  ["a reset", fail({ description: { message: "socket hang up" } }), /was cut/],
  ["a certificate", fail({ description: { message: "self-signed certificate" } }), /not trusted/],
  ["a certificate's code", fail({ description: { error: coded("x", "UNABLE_TO_VERIFY_LEAF_SIGNATURE") } }), /trusted/],
  ["no TLS there", fail({ description: { message: "EPROTO ... wrong version number" } }), /http instead of https/],
  ["an HTTP status", fail({ description: 404 }), /no Keyroom server/],
  ["a status of a WebSocket", fail({ description: { message: "Unexpected server response: 400" } }), /no Keyroom/],
  ["a refused origin", fail({ description: 403 }), /--origin/],
  ["a status in the request", fail({ context: { status: 403 } }), /--origin/],
  ["nothing to go by", fail({}), /the connection failed/],
  ["null where a clue might be", fail({ description: null, context: null }), /the connection failed/],
])("finds the cause in %s", (_where, error, sentence) => {
  const told = unreachable(URL_, error);
  expect(told).toMatchObject({ code: "unavailable", retryable: true, cause: error });
  expect(told.message).toMatch(sentence);
  expect(told.message).toMatch(/^Cannot reach https:\/\/keys\.example:3000: .+[.?]$/);
});

function fail(fields: object): Error {
  return Object.assign(new Error("xhr poll error"), fields);
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
