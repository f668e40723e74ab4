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

/** The HTTP server under the Socket.IO door; by itself it only says that it is well. */
export function createHttp(tls: TlsFiles | null): Server {
  const answer: RequestListener = (request, response) => {
    secureHeaders(request, response, () => {
      const healthy = request.url === "/healthz";
      response.writeHead(healthy ? 200 : 404, { "Content-Type": "application/json" });
      response.end(
        JSON.stringify(
          healthy ? { status: "ok" } : { error: "Keyroom speaks Socket.IO here. Use the keyroom client or the SDK." },
        ),
      );
    });
  };
  return tls === null ? createServer(answer) : closable(createTlsServer(tls, answer));
}

/** Node does not count a line on which TLS has not begun as a connection: it would keep a closing server up. */
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
