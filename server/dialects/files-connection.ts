import type { Duplex } from "node:stream";
import { quoted } from "../../protocol/text.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { type FilesEvent, FilesFraming } from "./files-framing.ts";
import type { FilesStore, Upload } from "./files-store.ts";

/** Ms without a byte that end a string. */
export const SILENCE_MS = 50;

/** Ms after which a connection is closed on which nothing comes, also within a file. */
const IDLE_MS = 600_000;

/** Ms for which a peer may take the last answer and close its own half, before the line is cut. */
const LINGER_MS = 1_000;

/** Bytes of answers that may wait for a peer; its names are answered by two bytes each. */
const MAX_UNREAD_BYTES = 1_024;

export interface FilesParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: FilesStore;
}

type Arrival = Buffer | "silence" | "end" | "lost";

/**
 * One peer of the files door. All is done one after the other, and nothing is read while something is being written:
 * whoever sends faster than the disk takes it is held back by his own line, and no more than a packet is in memory.
 */
export class FilesConnection {
  readonly #socket: Duplex;
  readonly #peer: string;
  readonly #parts: FilesParts;
  readonly #framing = new FilesFraming();
  /** Not ended with the input: an answer may still be owed. */
  readonly #chunks: AsyncIterator<unknown>;
  /** What is being read, also while silence is heard meanwhile. */
  #next: Promise<Buffer | "end" | "lost"> | null = null;
  #name: string | null = null;
  #running: { readonly upload: Upload; readonly size: number; arrived: number } | null = null;

  /** @param peer where the peer is, for the log */
  constructor(socket: Duplex, peer: string, parts: FilesParts) {
    this.#socket = socket;
    this.#peer = peer;
    this.#parts = parts;
    this.#chunks = socket.iterator({ destroyOnReturn: false });
    // Told by the iterator, but for what happens after the input's end.
    socket.on("error", () => undefined);
  }

  /** Serves the peer; resolves when nothing more will be done for it, and never rejects. */
  async run(): Promise<void> {
    try {
      await this.#serve();
    } catch (error) {
      this.#parts.log.error(
        { err: error },
        `A file from ${this.#peer} could not be written; the connection is closed.`,
      );
    }
    // Before the line is cut: who sees it closed finds nothing in the folder.
    await this.#discard();
    if (!this.#socket.writableEnded) this.#socket.destroy();
  }

  async #serve(): Promise<void> {
    for (;;) {
      const arrival = await this.#arrival();
      for (const event of this.#events(arrival)) await this.#handle(event);
      if (arrival === "lost") return;
      if (arrival !== "end") continue;
      this.#leave();
      return;
    }
  }

  #events(arrival: Arrival): Iterable<FilesEvent> {
    if (arrival === "lost") return [];
    if (arrival === "end") return this.#framing.end();
    if (arrival === "silence") return this.#framing.silence();
    return this.#framing.feed(arrival);
  }

  async #arrival(): Promise<Arrival> {
    this.#next ??= this.#read();
    const isString = this.#framing.awaitsSilence;
    const { clock } = this.#parts;
    let cancel = (): void => undefined;
    const silence = new Promise<"silence">((resolve) => {
      // After a busy moment of this process, bytes may wait that came in time: they are read before what is set here.
      const look = (): void => void setImmediate(() => resolve("silence"));
      cancel = clock.after(isString ? SILENCE_MS : IDLE_MS, look);
    });
    const arrival = await Promise.race([this.#next, silence]);
    cancel();
    if (arrival !== "silence") this.#next = null;
    else if (!isString) await this.#giveUp();
    return arrival;
  }

  async #read(): Promise<Buffer | "end" | "lost"> {
    try {
      const { value } = await this.#chunks.next();
      return Buffer.isBuffer(value) ? value : "end";
    } catch {
      return "lost";
    }
  }

  async #handle(event: FilesEvent): Promise<void> {
    const { log, store } = this.#parts;
    switch (event.kind) {
      case "text":
        log.info({}, `Message from ${this.#peer}: ${quoted(event.text)}`);
        this.#leave(`Message: ${event.text}`);
        break;
      case "name":
        this.#name = event.name;
        this.#socket.write("OK");
        if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy();
        break;
      case "begin": {
        const upload = await store.begin(this.#name);
        this.#name = null;
        this.#running = { upload, size: event.size, arrived: 0 };
        break;
      }
      case "bytes":
        await this.#write(event.bytes);
        break;
      case "complete":
        await this.#keep();
        break;
      case "cut":
        await this.#discard();
        break;
      case "unknown":
        // Not a word to the peer: whatever he sent, he would take it for the answer to something else.
        log.info(
          {},
          `${this.#peer} sent a message of type ${event.type}, and there is none; the connection is closed.`,
        );
        this.#leave();
        break;
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#running === null) return;
    await this.#running.upload.write(bytes);
    this.#running.arrived += bytes.length;
  }

  async #keep(): Promise<void> {
    if (this.#running === null) return;
    const { upload, size } = this.#running;
    await upload.keep();
    this.#running = null;
    this.#parts.log.info({}, `File ${quoted(upload.name)} from ${this.#peer}: ${size} bytes`);
  }

  async #discard(): Promise<void> {
    if (this.#running === null) return;
    const { upload, size, arrived } = this.#running;
    this.#running = null;
    const { log } = this.#parts;
    const what = `File ${quoted(upload.name)} from ${this.#peer} was cut short: ${arrived} of ${size} bytes came`;
    try {
      await upload.discard();
      log.info({}, `${what}; none are kept`);
    } catch (error) {
      log.error({ err: error }, `${what}; the part could not be deleted and is left in the folder`);
    }
  }

  async #giveUp(): Promise<void> {
    await this.#discard();
    this.#leave();
  }

  /** Ends the server's half, with a last answer. The line is cut where the peer does not end his own soon. */
  #leave(answer = ""): void {
    const socket = this.#socket;
    if (socket.writableEnded) return;
    socket.end(answer);
    socket.once(
      "close",
      this.#parts.clock.after(LINGER_MS, () => socket.destroy()),
    );
  }
}
