/** A pattern, and what it means to people. */
export type Reason = readonly [RegExp, string];

/** What the system's own words mean. In browsers it says nothing: bundlers put `no-system-reasons` in this file's place. */
export const SYSTEM_REASONS: readonly Reason[] = [
  [/ECONNREFUSED/, "connection refused. Is the server running?"],
  [/ENOTFOUND|EAI_AGAIN/, "there is no such host. Check its name."],
  [/TIMEDOUT|UNREACH/, "no answer. Check the address and the network."],
  [/ECONNRESET|hang up/, "the connection was cut. Does the server expect TLS?"],
  [/CERT|SIGNED|VERIFY/i, "its certificate is not trusted. Give its issuer's: --ca FILE, or the option ca."],
  [/EPROTO|wrong version/, "it does not speak TLS there. Use http instead of https."],
];
