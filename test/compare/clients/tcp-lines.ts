import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Answers } from "./answers.ts";
import type { Places } from "./client.ts";
import type { TextLine } from "./text-client.ts";

const LOST = "A TCP connection was closed.";

export async function openTcp({ host, ports }: Places): Promise<Socket> {
  const socket = connect({ host, port: ports["tcp-text"] ?? 0, noDelay: true });
  await once(socket, "connect");
  return socket.setEncoding("utf8");
}

/** Line mode: one line, one command; one line, one answer. */
export async function openLines(places: Places): Promise<TextLine> {
  const socket = await openTcp(places);
  const answers = new Answers();
  let heard = "";
  socket.on("data", (text: string) => {
    const lines = (heard + text).split("\n");
    heard = lines.pop() ?? "";
    for (const line of lines) answers.came(line);
  });
  socket.on("error", (error) => answers.lose(error));
  socket.once("close", () => answers.lose(new Error(LOST)));
  return {
    ask: (message) => {
      const answer = answers.next();
      socket.write(`${message}\n`);
      return answer;
    },
    close: () => socket.destroy(),
  };
}

/** No line endings: the server takes what came before a silence. One at a time. */
export async function openSilence(places: Places): Promise<TextLine> {
  const socket = await openTcp(places);
  const answers = new Answers();
  let heard = "";
  let due = 0;
  socket.on("data", (text: string) => {
    heard += text;
    if (heard.length < due) return;
    answers.came(heard);
    heard = "";
  });
  socket.on("error", (error) => answers.lose(error));
  socket.once("close", () => answers.lose(new Error(LOST)));
  return {
    ask: (message, expected) => {
      due = expected;
      const answer = answers.next();
      socket.write(message);
      return answer;
    },
    close: () => socket.destroy(),
  };
}
