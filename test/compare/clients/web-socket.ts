import { once } from "node:events";
import { WebSocket } from "ws";
import { Answers } from "./answers.ts";
import { type Client, expectAnswer } from "./client.ts";
import type { TextLine } from "./text-client.ts";

/** One frame, one message; one frame, one answer. */
export async function openFrames(url: string): Promise<TextLine> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const answers = new Answers();
  await once(socket, "open");
  socket.on("message", (data) => answers.came(String(data)));
  socket.on("error", (error) => answers.lose(error));
  socket.once("close", () => answers.lose(new Error("A WebSocket was closed.")));
  return {
    ask: (message) => {
      const answer = answers.next();
      socket.send(message);
      return answer;
    },
    close: () => socket.terminate(),
  };
}

/** A client of the JSON door, with keys of its own in the room that all share, so that nobody waits for another's. */
export class JsonClient implements Client {
  readonly #line: TextLine;
  readonly #prefix: string;

  /** @param prefix of its keys */
  constructor(line: TextLine, prefix: string) {
    this.#line = line;
    this.#prefix = prefix;
  }

  async get(key: string): Promise<string> {
    const name = `${this.#prefix}${key}`;
    const answer: unknown = JSON.parse(await this.ask({ command: "read", keys: [name], hold_lock: false }));
    const values = (answer as { readonly values?: Readonly<Record<string, string>> }).values;
    if (values?.[name] === undefined) throw new Error(`A read was answered ${JSON.stringify(answer)}.`);
    return values[name];
  }

  async put(key: string, value: string): Promise<void> {
    const message = { command: "write", keys: [`${this.#prefix}${key}`], values: [value], hold_lock: false };
    expectAnswer("A write", await this.ask(message), '{"success":true}');
  }

  ask(message: object): Promise<string> {
    return this.#line.ask(JSON.stringify(message), 0);
  }

  close(): void {
    this.#line.close();
  }
}
