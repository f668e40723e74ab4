import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "@jest/globals";
import { KeyroomError } from "../../protocol/errors.ts";
import { listenToOperator } from "../../server/operator.ts";
import { settle } from "../support/domain-fakes.ts";

let close = (): void => undefined;
afterEach(() => close());

const HELP =
  "Here you can say: users, promote USER, demote USER, delete USER (with his keys), help. Ctrl-C stops the server.";

function setUp() {
  const input = new PassThrough();
  const said: string[] = [];
  const users = [
    { name: "ada", role: "manager", online: true },
    { name: "bob", role: "guest", online: false },
  ] as const;
  const done: string[] = [];
  const act = (what: string) => async (user: string) => {
    if (user === "zoe") throw new KeyroomError("not_found", "There is no user called zoe.");
    done.push(`${what} ${user}`);
  };
  const server = {
    users: () => users.filter(({ name }) => !done.includes(`delete ${name}`)),
    promote: act("promote"),
    demote: act("demote"),
    deleteUser: act("delete"),
  };
  close = listenToOperator(input, (line) => said.push(line), server);
  const type = async (line: string): Promise<readonly string[]> => {
    input.write(`${line}\n`);
    await settle();
    return said.splice(0);
  };
  return { done, input, type };
}

test("each word does its work and says so", async () => {
  const { done, type } = setUp();
  expect(await type("users")).toEqual(["ada  manager, online\nbob  guest"]);
  expect(await type(" promote  bob ")).toEqual(["bob is a manager."]);
  expect(await type("demote bob")).toEqual(["bob is a guest."]);
  expect(await type("delete bob")).toEqual(["bob is deleted, with all keys."]);
  expect(await type("delete ada")).toEqual(["ada is deleted, with all keys."]);
  expect(await type("users")).toEqual(["There are no users yet."]);
  expect(done).toEqual(["promote bob", "demote bob", "delete bob", "delete ada"]);
});

test.each(["", "help", "delete", "delete ada bob", "users bob", "remove ada"])(
  "%j is answered with help",
  async (line) => {
    const { done, type } = setUp();
    expect(await type(line)).toEqual([HELP]);
    expect(done).toEqual([]);
  },
);

test("what is refused is said", async () => {
  const { type } = setUp();
  for (const word of ["promote", "demote", "delete"]) {
    expect(await type(`${word} zoe`)).toEqual(["There is no user called zoe."]);
  }
});

test("a terminal that breaks off ends the listening, and nothing else", async () => {
  const { done, input, type } = setUp();
  input.emit("error", new Error("EIO"));
  expect(await type("promote bob")).toEqual([]);
  expect(done).toEqual([]);
});
