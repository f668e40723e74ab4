import { expect, test } from "@jest/globals";
import { type SignIn, signIn } from "../../client/terminal/sign-in.ts";
import { type ErrorCode, KeyroomError } from "../../protocol/errors.ts";
import { FakeStore } from "../support/cli-fake-store.ts";

const URL = "http://127.0.0.1:3000";

/** A server that knows these tokens and passwords, and a home that keeps tokens. */
function world({ tokens = [], password, open = false }: { tokens?: string[]; password?: string; open?: boolean }) {
  const kept = new Map<string | null, string>();
  const dialled: object[] = [];
  const said: string[] = [];
  let made = 0;
  const how = (overrides: Partial<SignIn>): SignIn => ({
    url: URL,
    user: null,
    credentials: {
      find: async (_url, user) => kept.get(user),
      save: async (_url, user, token) => void kept.set(user, token),
      alone: (work) => work(),
    },
    dial: async (identity) => {
      dialled.push(identity);
      if (identity.token !== undefined && tokens.includes(identity.token)) return new FakeStore(identity.token);
      const isGood = identity.password === undefined ? open : identity.password === password;
      if (identity.token !== undefined || (identity.user !== undefined && !isGood)) {
        throw new KeyroomError("unauthenticated", "Refused.");
      }
      return new FakeStore(`new ${++made}`);
    },
    passwordAtHand: async () => undefined,
    askPassword: undefined,
    say: (sentence) => said.push(sentence),
    ...overrides,
  });
  return { kept, dialled, said, how };
}

test("a guest is made once and comes back with its token", async () => {
  const { kept, dialled, said, how } = world({ tokens: ["new 1"] });
  await signIn(how({}));
  expect(kept.get(null)).toBe("new 1");
  await signIn(how({}));
  expect(dialled).toEqual([{}, { token: "new 1" }]);
  expect(said).toEqual([]);
});

test("a guest whom the server has forgotten is made anew, and told", async () => {
  const { kept, said, how } = world({});
  kept.set(null, "forgotten");
  await signIn(how({}));
  expect(kept.get(null)).toBe("new 1");
  expect(said).toEqual([`${URL} no longer knows the guest you were. You are a new one.`]);
});

test("of two that start together, the second becomes the first's guest", async () => {
  const { kept, dialled, how } = world({ tokens: ["the other's"] });
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    kept.set(null, "the other's");
    return work();
  };
  await signIn(how({ credentials: { ...how({}).credentials, alone } }));
  expect(dialled).toEqual([{ token: "the other's" }]);
});

test("a user signs in with the kept token and needs no password", async () => {
  const { kept, dialled, how } = world({ tokens: ["good"] });
  kept.set("alice", "good");
  await signIn(how({ user: "alice", passwordAtHand: () => Promise.reject(new Error("asked")) }));
  expect(dialled).toEqual([{ user: "alice", token: "good" }]);
});

test("with a refused token the password goes, and the new token is kept", async () => {
  const { kept, dialled, how } = world({ password: "pw" });
  kept.set("alice", "old");
  await signIn(how({ user: "alice", passwordAtHand: async () => "pw" }));
  expect(dialled).toEqual([
    { user: "alice", token: "old" },
    { user: "alice", password: "pw" },
  ]);
  expect(kept.get("alice")).toBe("new 1");
});

test("a password is asked for only where the server wants one", async () => {
  const asked: string[] = [];
  const askPassword = async () => {
    asked.push("asked");
    return "pw";
  };
  await signIn(world({ open: true }).how({ user: "alice", askPassword }));
  expect(asked).toEqual([]);
  await signIn(world({ password: "pw" }).how({ user: "alice", askPassword }));
  expect(asked).toEqual(["asked"]);
});

test("where nobody can be asked, the sentence says how to give the password", async () => {
  await expect(signIn(world({ password: "pw" }).how({ user: "alice" }))).rejects.toThrow(
    expect.objectContaining({ code: "unauthenticated", message: expect.stringContaining("KEYROOM_PASSWORD") }),
  );
});

test("where no guests are taken, the program says how to give a name, else the server what is wrong", async () => {
  const dial = () => Promise.reject(new KeyroomError("unauthenticated", "Refused."));
  const refusedAs = (message: string) => expect.objectContaining({ code: "unauthenticated", message });
  await expect(signIn(world({}).how({ dial, nameWanted: "Say who." }))).rejects.toThrow(refusedAs("Say who."));
  await expect(signIn(world({}).how({ dial }))).rejects.toThrow(refusedAs("Refused."));
});

test("that a kept sign-in is no longer good is said to whoever is asked for the password, and to nobody else", async () => {
  const { kept, said, how } = world({ password: "pw" });
  kept.set("alice", "old");
  await signIn(how({ user: "alice", passwordAtHand: async () => "pw" }));
  expect(said).toEqual([]);
  kept.set("alice", "old");
  await signIn(how({ user: "alice", askPassword: async () => "pw" }));
  expect(said).toEqual(["The sign-in kept on this computer for alice is no longer good."]);
});

test("where it is told why a password was refused, another one is asked for until it is right", async () => {
  const { dialled, kept, how } = world({ password: "pw" });
  const typed = ["wronger", "pw"];
  const refusals: string[] = [];
  const askPassword = async () => typed.shift() ?? "";
  const refused = ({ message }: KeyroomError) => void refusals.push(message);
  await signIn(how({ user: "alice", passwordAtHand: async () => "wrong", askPassword, refused }));
  expect(dialled).toEqual(["wrong", "wronger", "pw"].map((password) => ({ user: "alice", password })));
  expect(refusals).toEqual(["Refused.", "Refused."]);
  expect(kept.get("alice")).toBe("new 1");
});

test("another password is asked for after too many wrong ones, and after nothing else", async () => {
  const refusals: string[] = [];
  const codes: ErrorCode[] = ["rate_limited", "unavailable"];
  const dial = (identity: { readonly password?: string }) => {
    const code = identity.password === undefined ? "unauthenticated" : (codes.shift() ?? "internal");
    return Promise.reject(new KeyroomError(code, code));
  };
  const refused = ({ code }: KeyroomError) => void refusals.push(code);
  await expect(signIn(world({}).how({ user: "alice", dial, askPassword: async () => "pw", refused }))).rejects.toThrow(
    "unavailable",
  );
  expect(refusals).toEqual(["rate_limited"]);
});

test("else a wrong password is not tried twice", async () => {
  const { dialled, how } = world({ password: "pw" });
  const wrong = how({ user: "alice", passwordAtHand: async () => "wrong", askPassword: async () => "pw" });
  await expect(signIn(wrong)).rejects.toThrow("Refused.");
  expect(dialled).toHaveLength(1);
});

test.each([null, "alice"])("that the server is down does not mean the token of %s is bad", async (user) => {
  const { kept, how } = world({ password: "pw" });
  kept.set(user, "token");
  let dials = 0;
  const dial = async () => {
    dials++;
    throw new KeyroomError("unavailable", "Down.");
  };
  await expect(signIn(how({ user, passwordAtHand: async () => "pw", dial }))).rejects.toThrow("Down.");
  expect(dials).toBe(1);
  expect(kept.get(user)).toBe("token");
});
