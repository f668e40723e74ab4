/** The `auth` of a Socket.IO handshake. */
import * as v from "valibot";
import { ClientId, CountInput, Password, Token, UserName } from "./input-fields.ts";

/** A client that knows nothing sends nothing and becomes an anonymous guest, where the server allows it. */
export const Auth = v.strictObject({
  user: v.optional(UserName),
  password: v.optional(Password),
  /** From an earlier `session`; goes before the password. */
  token: v.optional(Token),
  /** From an earlier `session`, to go on with it. */
  client: v.optional(ClientId),
  /** The version the client speaks. */
  protocol: v.optional(CountInput),
});

export type Auth = Readonly<v.InferOutput<typeof Auth>>;
