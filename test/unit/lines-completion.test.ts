import { expect, test } from "@jest/globals";
import { complete } from "../../client/lines/completion.ts";
import { typed } from "../../client/lines/editor.ts";
import { FakeStore } from "../support/cli-fake-store.ts";

test.each<[line: string, completed: string | undefined, ...choices: string[]]>([
  ["who", "whoami "],
  ["PU", "put "],
  ["w", undefined, "watch", "whoami"],
  ["get c", "get co"],
  ["get co", undefined, "code", "country name"],
  ["get cod", "get code "],
  ["get cou", 'get "country name" '],
  ['get "cou', 'get "country name" '],
  ["get q", 'get "q" '],
  ["put code ", undefined],
  ["put code whoa", undefined],
  ["get code whoa", "get code whoami "],
  ["nothing fits z", undefined],
])("Tab behind %j", async (line, completed, ...choices) => {
  const store = new FakeStore();
  await Promise.all(["code", "country name", "q", "quo\nput a 1"].map((key) => store.put(key, "v")));
  const list = store.list;
  store.list = async ({ prefix = "", ...others } = {}) => {
    const page = await list(others);
    return { ...page, entries: page.entries.filter(({ key }) => key.startsWith(prefix)) };
  };
  const found = await complete(typed(line), store);
  expect(found.line?.text).toBe(completed);
  expect(found.choices).toEqual(choices);
});

test("a server that does not answer, or refuses, completes nothing", async () => {
  const store = new FakeStore();
  store.list = () => new Promise(() => undefined);
  expect(await complete(typed("get c"), store)).toEqual({ choices: [] });
  store.list = () => Promise.reject(new Error("no"));
  expect(await complete(typed("get c"), store)).toEqual({ choices: [] });
});
