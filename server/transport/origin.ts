import type { IncomingMessage, ServerResponse } from "node:http";

export interface OriginPolicy {
  /** Origins of web pages that may connect, like `https://app.example`. */
  readonly allowed: readonly string[];
  /**
   * Whether a page of the server's own host may connect only if that host is a loopback name: else a page whose
   * DNS name was pointed at 127.0.0.1 would count as the server's own.
   */
  readonly loopbackOnly: boolean;
}

/**
 * Whether a request may come in. Browsers always name the page's origin on a WebSocket, and on every request that
 * crosses origins; whoever names none is no browser, and a page cannot make it so.
 */
export function isOriginAllowed(policy: OriginPolicy, origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || policy.allowed.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host && (!policy.loopbackOnly || isLoopback(page.hostname));
}

/** Whether a host name or address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** A middleware of engine.io, which runs it for polling requests and for WebSocket upgrades alike. */
export function refuseForeignOrigins(policy: OriginPolicy) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const { origin, host } = request.headers;
    if (isOriginAllowed(policy, origin, host)) {
      next();
      return;
    }
    const reason = `Pages from ${origin ?? ""} may not connect. Start the server with --origin for them.\n`;
    // For an upgrade, engine.io's response is a stand-in that cannot carry a status.
    if (request.headers.upgrade === undefined) response.writeHead(403, { "Content-Type": "text/plain" }).end(reason);
    else {
      // Without the end of its own half, a client could keep the line for ever.
      const { socket } = request;
      socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n${reason}`, () => socket.destroy());
    }
  };
}
