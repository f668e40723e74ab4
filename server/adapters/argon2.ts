import { hash, verify } from "@node-rs/argon2";
import type { PasswordHasher } from "../domain/passwords.ts";

/** Argon2id with OWASP's smallest recommended cost: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const argon2: PasswordHasher = {
  hash: (password) => hash(password, COST),
  verify: (passwordHash, password) => verify(passwordHash, password),
};
