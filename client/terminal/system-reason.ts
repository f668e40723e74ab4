/** The system's codes in words, so that a sentence can end with them. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
  ENOSPC: "the disk is full",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name could not be looked up",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "no answer",
  EPROTO: "it does not speak TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted (see --ca)",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted (see --ca)",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted (see --ca)",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not trusted (see --ca)",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** Why the system refused, in a few words without a full stop. */
export function systemReason(error: unknown): string {
  const known = knownReason(error);
  if (known !== undefined) return known;
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of an error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  const isCoded = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
  return isCoded ? String(error.code) : undefined;
}

/** Looks for a code of the table in the error and in what it wraps. */
export function knownReason(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 6) return undefined;
  const code = systemCode(error);
  if (code !== undefined && Object.hasOwn(REASONS, code)) return REASONS[code];
  const inner = [
    "cause" in error ? error.cause : undefined,
    // Socket.IO's transport errors carry the event of the WebSocket, which carries the error.
    "description" in error ? error.description : undefined,
    "error" in error ? error.error : undefined,
    "context" in error ? error.context : undefined,
    ...("errors" in error && Array.isArray(error.errors) ? error.errors : []),
  ];
  for (const it of inner) {
    const reason = knownReason(it, depth + 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
