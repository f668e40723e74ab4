/** Where a user's files are, by the XDG base directory specification. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { variable } from "./environment.ts";

/** A file below `$XDG_CONFIG_HOME`, else below `~/.config`: what people chose. */
export function configFile(env: NodeJS.ProcessEnv, name: string): string {
  return join(folder(env, "XDG_CONFIG_HOME", ".config"), "keyroom", name);
}

/** A file below `$XDG_STATE_HOME`, else below `~/.local/state`: where things stood. */
export function stateFile(env: NodeJS.ProcessEnv, name: string): string {
  return join(folder(env, "XDG_STATE_HOME", join(".local", "state")), "keyroom", name);
}

/** The specification has relative ones ignored: they would be another folder wherever one stands. */
function folder(env: NodeJS.ProcessEnv, name: string, otherwise: string): string {
  const chosen = variable(env, name);
  return chosen !== undefined && isAbsolute(chosen) ? chosen : join(homedir(), otherwise);
}
