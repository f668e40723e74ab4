import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import helmet from "helmet";

export interface TlsFiles {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

const secureHeaders = helmet();

/** The HTTP server under the Socket.IO door; by itself it only says whether it is well. */
export function createHttp(tls: TlsFiles | null, isClosing: () => boolean): Server {
  const answer: RequestListener = (request, response) => {
    secureHeaders(request, response, () => {
      const [status, body] = request.url === "/healthz" ? health(isClosing()) : NOTHING_HERE;
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
  };
  return closable(tls === null ? createServer(answer) : createTlsServer(tls, answer));
}

function health(isClosing: boolean): readonly [number, object] {
  return isClosing ? [503, { status: "closing" }] : [200, { status: "ok" }];
}

const NOTHING_HERE: readonly [number, object] = [
  404,
  { error: "Keyroom speaks Socket.IO here. Use the keyroom client or the SDK." },
];

/**
 * Makes `closeAllConnections` keep its word. Node's own passes over lines on which TLS has not begun and over those that
 * were upgraded; each would keep a closing server up for as long as its client likes.
 */
function closable(server: Server): Server {
  const lines = new Set<Socket>();
  server.on("connection", (line: Socket) => {
    lines.add(line);
    line.once("close", () => lines.delete(line));
  });
  server.closeAllConnections = () => {
    for (const line of lines) line.destroy();
  };
  return server;
}

/** Resolves with the port; rejects when it cannot be had. */
export async function listen(http: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, host, () => {
      http.off("error", reject);
      resolve();
    });
  });
  return (http.address() as AddressInfo).port;
}
