/** How the event maps follow from the contract, checked by the compiler alone. */
import type { Answer, ClientEvents, ServerEvents } from "../../protocol/events.ts";
import type { Input } from "../../protocol/inputs.ts";
import type { PushName } from "../../protocol/pushes.ts";
import type { RequestName } from "../../protocol/requests.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Holds<_Statements extends readonly true[]> = true;

export type Maps = Holds<
  [
    Equal<keyof ClientEvents, RequestName>,
    Equal<keyof ServerEvents, PushName>,
    Equal<Parameters<ClientEvents["put"]>[0], Input<"put">>,
    Equal<Parameters<ServerEvents["role"]>, [payload: Readonly<{ role: "guest" | "manager" }>]>,
  ]
>;

export type Requests = Holds<
  [
    Equal<Input<"get">["key"], string>,
    Equal<Input<"get">["room"], string | undefined>,
    Equal<Input<"put">["ifRevision"], number | undefined>,
    Equal<Extract<Answer<1>, { ok: true }>["value"], 1>,
    Equal<"error" extends keyof Extract<Answer<1>, { ok: true }> ? true : false, false>,
  ]
>;
