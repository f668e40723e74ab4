import { afterEach } from "@jest/globals";
import { connect } from "../../client/sdk/connect.ts";
import type { ConnectOptions, Store } from "../../client/sdk/types.ts";
import type { ServerOptions } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { PlainClient, type PlainOptions } from "./plain-client.ts";

type Closer = () => unknown;

/** Opens what a test needs; after each test everything is closed, the newest first. */
export interface Starter {
  /** A server on a free port. */
  serve(options?: ServerOptions): Promise<RunningServer>;
  /** A socket.io-client that is connecting. */
  plain(url: string, auth?: Record<string, unknown>, options?: PlainOptions): PlainClient;
  /** A signed-in store of the SDK. */
  store(url: string, options?: ConnectOptions): Promise<Store>;
  /** Has something else closed too. */
  closing(close: Closer): void;
}

/** To be called once, at the top of a test file. */
export function starter(): Starter {
  const closers: Closer[] = [];
  const closing = (close: Closer): void => void closers.push(close);
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  return {
    closing,
    serve: async (options = {}) => {
      const server = await startServer({ port: 0, ...options });
      closing(() => server.close());
      return server;
    },
    plain: (url, auth = {}, options = {}) => {
      const client = new PlainClient(url, auth, options);
      closing(() => client.socket.disconnect());
      return client;
    },
    store: async (url, options = {}) => {
      const store = await connect(url, options);
      closing(() => store.close());
      return store;
    },
  };
}
