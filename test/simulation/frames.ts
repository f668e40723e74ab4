/** What travels on a line, as JSON: nothing is shared between the two sides. */
import type { WireError } from "../../protocol/errors.ts";

export type FromClient =
  | { readonly kind: "connect"; readonly auth: unknown }
  | { readonly kind: "request"; readonly id: number; readonly name: string; readonly payload: unknown }
  | { readonly kind: "pong" };

export type FromServer =
  | { readonly kind: "connected" }
  | { readonly kind: "refused"; readonly error: WireError }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly kind: "push"; readonly name: string; readonly payload: unknown }
  | { readonly kind: "ping" };

/** As the server's Socket.IO door is set. */
export const HEARTBEAT = { intervalMs: 3_000, timeoutMs: 5_000 } as const;
