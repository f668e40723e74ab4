import { expect, test } from "@jest/globals";
import { type Command, parseCommand } from "../../server/dialects/text-commands.ts";

test.each<[string, Command | null]>([
  ["put a b", { kind: "put", key: "a", value: "b" }],
  [" put \t a\r\n b ", { kind: "put", key: "a", value: "b" }],
  ["put put q", { kind: "put", key: "put", value: "q" }],
  // Other spaces than ASCII's are parts of words.
  ["put a b\u00a0c", { kind: "put", key: "a", value: "b\u00a0c" }],
  ["get a", { kind: "get", user: null, key: "a" }],
  ["get ann a", { kind: "get", user: "ann", key: "a" }],
  ["upgrade", { kind: "upgrade", passphrase: undefined }],
  ["upgrade ", { kind: "upgrade", passphrase: undefined }],
  ["upgrade  open  sesame ", { kind: "upgrade", passphrase: "open  sesame" }],
  ["q", { kind: "quit" }],
  ["q now", null],
  ["put a", null],
  ["put a b c", null],
  ["put a b get x", null],
  ["get", null],
  ["get a b c", null],
  ["PUT a b", null],
  ["upgraded", null],
  ["", null],
  [" ", null],
  ["__proto__", null],
])("%j", (message, command) => {
  expect(parseCommand(message)).toEqual(command);
});
