/** The `auth` of a Socket.IO handshake. */
import * as z from "zod/mini";
import { ClientId, Password, Token, UserName } from "./fields.ts";

/** A client that knows nothing sends nothing and becomes an anonymous guest, where the server allows it. */
export const Auth = z.strictObject({
  user: z.optional(UserName),
  password: z.optional(Password),
  /** From an earlier `session`; goes before the password. */
  token: z.optional(Token),
  /** From an earlier `session`, to go on with it. */
  client: z.optional(ClientId),
  /** The version the client speaks. */
  protocol: z.optional(z.int()),
});

export type Auth = Readonly<z.infer<typeof Auth>>;
