import { checkCertificate } from "./certificate.ts";
import type { Check, Patient } from "./check.ts";
import { askHealth, checkClock, checkHealth } from "./health.ts";
import { checkPort, resolveName } from "./network.ts";
import { checkProxy, proxyVariable } from "./proxy.ts";
import { checkLimits, checkRoundTrip, checkSignIn, checkVersions } from "./session.ts";
import { type Identity, tryTransports } from "./transports.ts";

export interface Examination {
  readonly patient: Patient;
  readonly identity: Identity;
  readonly env: NodeJS.ProcessEnv;
  /** Of this package. */
  readonly version: string;
}

/** All checks in the order in which a connection comes about; it ends where nothing further can be tried. */
export async function* examine({ patient, identity, env, version }: Examination): AsyncGenerator<Check, void> {
  const { check, addresses } = await resolveName(patient);
  yield check;
  if (addresses.length === 0) return;
  const port = await checkPort(patient, addresses);
  yield port.unreachable ? withProxyInMind(port, env) : port;
  if (port.unreachable) return;
  if (patient.secure) {
    const certificate = await checkCertificate(patient);
    yield certificate;
    if (certificate.unreachable) return;
  }
  const health = await askHealth(patient);
  if ("state" in health) return yield health;
  const { checks, isKeyroom, store, refusal } = await tryTransports(patient, identity);
  try {
    yield checkHealth(health, isKeyroom);
    yield* checks;
    yield* present(checkProxy(env, health.headers), checkClock(health));
    if (store !== undefined) {
      yield checkVersions(store, version);
      yield checkLimits(store);
      yield await checkRoundTrip(store);
    } else if (refusal !== undefined) yield checkSignIn(refusal, identity.user);
  } finally {
    store?.close();
  }
}

function withProxyInMind(port: Check, env: NodeJS.ProcessEnv): Check {
  const name = proxyVariable(env);
  if (name === undefined) return port;
  return { ...port, advice: `${port.advice} If the only way out is the proxy of ${name}: Keyroom cannot use one.` };
}

function present(...checks: readonly (Check | undefined)[]): readonly Check[] {
  return checks.filter((check) => check !== undefined);
}
