import { describe } from "@jest/globals";
import { commitContract } from "./commits.ts";
import { followingContract } from "./following.ts";
import { historyContract } from "./history.ts";
import type { MakeEngine } from "./kit.ts";
import { lifetimeContract } from "./lifetimes.ts";
import { limitContract } from "./limits.ts";
import { listContract } from "./lists.ts";
import { lockContract } from "./locks.ts";
import { logContract } from "./log.ts";
import { operationContract } from "./operation-ids.ts";
import { pastContract } from "./past.ts";
import { transactionContract } from "./transactions.ts";

/** What the engine port promises. Any engine must pass it; nothing here knows more than the port. */
export function engineContract(name: string, make: MakeEngine): void {
  describe(name, () => {
    commitContract(make);
    listContract(make);
    limitContract(make);
    logContract(make);
    historyContract(make);
    operationContract(make);
    transactionContract(make);
    lockContract(make);
    lifetimeContract(make);
    pastContract(make);
    followingContract(make);
  });
}
