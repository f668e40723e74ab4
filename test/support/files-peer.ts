import { connect, type Socket } from "node:net";

/** A client of the files door, as the older ones are: it sends bytes and knows nothing of what they mean. */
export class FilesPeer {
  readonly socket: Socket;
  /** The server has closed its half, or all. */
  readonly ended: Promise<void>;
  /** All that was answered. */
  answers = "";
  #onData: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.setEncoding("utf8");
    this.socket.on("data", (text) => {
      this.answers += String(text);
      this.#onData();
    });
    // How it ends does not matter: the server may cut it at any time.
    this.socket.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      this.socket.once("end", resolve);
      this.socket.once("close", () => resolve());
    });
  }

  /** Resolves when the bytes are with the system. */
  async send(...bytes: readonly (Buffer | string)[]): Promise<void> {
    await new Promise<void>((resolve) => {
      this.socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part))), () => resolve());
    });
  }

  /** Sends a name; resolves when it is answered, or the server has closed. */
  async sendName(name: string | Buffer): Promise<void> {
    const before = this.answers.length;
    const answered = new Promise<void>((resolve) => {
      this.#onData = () => this.answers.length >= before + 2 && resolve();
    });
    await this.send(Buffer.of(1), name);
    await Promise.race([answered, this.ended]);
  }
}

/** A content with its length in `width` bytes. */
export function contentMessage(width: number, bytes: Buffer): Buffer {
  return Buffer.concat([contentHead(width, bytes.length), bytes]);
}

/** What stands before a content of that many bytes. */
export function contentHead(width: number, size: number): Buffer {
  const head = Buffer.alloc(1 + width);
  head[0] = 1 + width;
  head.writeUIntLE(size, 1, width);
  return head;
}
