import { connect } from "../../client/sdk/connect.ts";
import type { Store } from "../../client/sdk/types.ts";
import { FaultProxy } from "../support/proxy.ts";
import type { RealServer } from "./real-server.ts";

const TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"], ["websocket"]] as const;
/** Some clients lose patience while the server is away. */
const DEADLINES_MS = [60_000, 60_000, 1_000];
const PATIENT_MS = 60_000;

export interface Member {
  readonly proxy: FaultProxy;
  open(): Promise<Store>;
}

/** Many clients of some users, each behind a line of its own. The first user is a manager. */
export class Fleet {
  readonly users: readonly string[];
  readonly members: readonly Member[];

  private constructor(users: readonly string[], members: readonly Member[]) {
    this.users = users;
    this.members = members;
  }

  static async open(server: RealServer, clients: number, clientsOfUser: number): Promise<Fleet> {
    const users = Array.from({ length: Math.ceil(clients / clientsOfUser) }, (_, i) => `user${i}`);
    const tokens: string[] = [];
    // One after the other: hashing passwords takes what the machine has.
    for (const [i, user] of users.entries()) {
      const store = await connect(server.url, { user, password: `secret of ${user}`, deadlineMs: PATIENT_MS });
      if (i === 0) await store.upgrade();
      tokens.push(store.session.token);
      store.close();
    }
    const proxies = await Promise.all(Array.from({ length: clients }, () => FaultProxy.open(server.url)));
    const members = proxies.map((proxy, i): Member => {
      const of = i % users.length;
      return {
        proxy,
        open: () => {
          const transports = TRANSPORTS[i % TRANSPORTS.length] ?? TRANSPORTS[0];
          const deadlineMs = DEADLINES_MS[i % DEADLINES_MS.length] ?? PATIENT_MS;
          return patiently(() => connect(proxy.url, { token: tokens[of] ?? "", transports, deadlineMs }));
        },
      };
    });
    return new Fleet(users, members);
  }

  /** Whoever manages, past all troubles. */
  manager(server: RealServer): Promise<Store> {
    const [first] = this.users;
    return connect(server.url, { user: first ?? "", password: `secret of ${first}`, deadlineMs: PATIENT_MS });
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map(({ proxy }) => proxy.close()));
  }
}

/** A machine that is busy may need longer than the client's deadline to connect. */
async function patiently(open: () => Promise<Store>): Promise<Store> {
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}
