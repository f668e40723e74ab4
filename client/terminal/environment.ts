/** A variable of the environment; an empty one counts as not set. */
export function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name];
  return value === "" ? undefined : value;
}

/**
 * Whether what is shown is read aloud (`ACCESSIBLE=1`), or the terminal has no cursor to move (`TERM=dumb`): then all is
 * added at the end, and nothing drawn over.
 */
export function isPlain(env: NodeJS.ProcessEnv): boolean {
  return env["TERM"] === "dumb" || !["", "0", undefined].includes(env["ACCESSIBLE"]);
}
