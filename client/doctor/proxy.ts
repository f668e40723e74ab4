import type { IncomingHttpHeaders } from "node:http";
import { variable } from "../terminal/environment.ts";
import { type Check, ok } from "./check.ts";

/** Whatever stands, or could be meant to stand, between here and the server; undefined where nothing tells of one. */
export function checkProxy(env: NodeJS.ProcessEnv, headers: IncomingHttpHeaders): Check | undefined {
  const via = headers.via === undefined ? [] : [`A proxy stands in between (${headers.via}).`];
  const name = proxyVariable(env);
  const set = name === undefined ? [] : [`${name} is set, and not used: Keyroom connects directly.`];
  const says = [...via, ...set].join(" ");
  return says === "" ? undefined : ok("proxy", says);
}

/** The variable by which other programs on this machine find their proxy. Its value may hold a password. */
export function proxyVariable(env: NodeJS.ProcessEnv): string | undefined {
  const names = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
  return names.flatMap((it) => [it, it.toLowerCase()]).find((it) => variable(env, it) !== undefined);
}
