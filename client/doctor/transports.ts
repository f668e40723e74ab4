/** Whether WebSocket and polling really connect: by the SDK, as everything else does. */
import { type ConnectOptions, connect, KeyroomError, type Store } from "../sdk/index.ts";
import { type Check, inMs, ok, type Patient, problem, warning } from "./check.ts";

const WITHOUT_WEBSOCKET =
  "Keyroom uses polling instead, which is slower. If a proxy stands in front of the server, let it pass upgrades to WebSocket.";
const WITHOUT_POLLING =
  "Only networks that let no WebSocket pass need it. If several servers share this name, requests of one client must reach the same one.";

export type Identity = Pick<ConnectOptions, "user" | "password" | "token">;

/** How one transport fared. `refusal`: the transport works, and the server does not let this user in. */
interface Tried {
  readonly ms: number;
  readonly store?: Store;
  readonly refusal?: KeyroomError;
  readonly failure?: KeyroomError;
}

export interface Transports {
  readonly checks: readonly Check[];
  /** Whether what answers is a Keyroom server. */
  readonly isKeyroom: boolean;
  /** A signed-in store, to be closed by whoever takes it. */
  readonly store: Store | undefined;
  readonly refusal: KeyroomError | undefined;
}

export async function tryTransports(patient: Patient, identity: Identity): Promise<Transports> {
  const websocket = await tryOne("websocket", patient, identity);
  // So that no second guest is made.
  const token = websocket.store?.session.token ?? identity.token;
  const polling = await tryOne("polling", patient, token === undefined ? identity : { ...identity, token });
  const store = websocket.store ?? polling.store;
  const refusal = websocket.refusal ?? polling.refusal;
  if (store === undefined && refusal?.code === "unauthenticated" && identity.token !== undefined) {
    // The kept token is worth nothing any more, which is no trouble of the connection.
    const { token: _, ...others } = identity;
    return tryTransports(patient, others);
  }
  if (websocket.store !== undefined) polling.store?.close();
  return {
    checks: [
      judge("websocket", websocket, polling, WITHOUT_WEBSOCKET),
      judge("polling", polling, websocket, WITHOUT_POLLING),
    ],
    isKeyroom: [websocket, polling].some(works),
    store,
    refusal,
  };
}

async function tryOne(transport: "websocket" | "polling", patient: Patient, identity: Identity): Promise<Tried> {
  const { url, ca, deadlineMs } = patient;
  const begun = performance.now();
  const ms = (): number => performance.now() - begun;
  try {
    const options = { ...identity, deadlineMs, retry: false, transports: [transport], ...(ca !== undefined && { ca }) };
    return { store: await connect(url, options), ms: ms() };
  } catch (error) {
    if (!(error instanceof KeyroomError)) throw error;
    const isReached = error.code !== "unavailable" && error.code !== "unsupported";
    return { ms: ms(), ...(isReached ? { refusal: error } : { failure: error }) };
  }
}

function works({ failure }: Tried): boolean {
  return failure === undefined;
}

/** @param advice for when only the other one connects */
function judge(name: string, { failure, ms }: Tried, other: Tried, advice: string): Check {
  if (failure === undefined) return ok(name, `It connects (${inMs(ms)}).`);
  if (works(other)) return warning(name, `It does not connect${statusOf(failure)}.`, advice);
  const says = `It does not connect. ${failure.message}`;
  return problem(name, says, "See above: what answers there may be no Keyroom server.");
}

/** The HTTP status that stood in the way, where engine.io's error has one: in words for WebSocket, else as a number. */
function statusOf({ cause }: KeyroomError): string {
  const description: unknown =
    typeof cause === "object" && cause !== null ? Reflect.get(cause, "description") : undefined;
  const words: unknown =
    typeof description === "object" && description !== null ? Reflect.get(description, "message") : description;
  const status = /\b\d{3}\b/.exec(String(words))?.[0];
  return status === undefined ? "" : ` (HTTP ${status})`;
}
