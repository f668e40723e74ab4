import { type Client, expectAnswer, type Visitor } from "./client.ts";

/** Carries messages of the text doors. */
export interface TextLine {
  /** @param expected how many characters the answer has, for those who cannot see its end */
  ask(message: string, expected: number): Promise<string>;
  close(): void;
}

/** What the text doors say, whatever carries it. */
export class TextClient implements Client {
  readonly #line: TextLine;
  readonly #get: string;

  private constructor(line: TextLine, room: string | undefined) {
    this.#line = line;
    this.#get = room === undefined ? "get" : `get ${room}`;
  }

  static async signIn(line: TextLine, { name, room }: Visitor): Promise<TextClient> {
    await TextClient.#say(line, name, "success");
    if (room !== undefined) await TextClient.#say(line, "upgrade", "upgraded to manager");
    return new TextClient(line, room);
  }

  get(key: string, length: number): Promise<string> {
    return this.#line.ask(`${this.#get} ${key}`, length);
  }

  put(key: string, value: string): Promise<void> {
    return TextClient.#say(this.#line, `put ${key} ${value}`, "done");
  }

  close(): void {
    this.#line.close();
  }

  static async #say(line: TextLine, message: string, expected: string): Promise<void> {
    expectAnswer(message, await line.ask(message, expected.length), expected);
  }
}
