import { PassThrough, Writable } from "node:stream";

/** However busy the machine is. */
const PATIENCE_MS = 20_000;

/** A terminal that edits and echoes lines itself, and remembers all that ever stood on it. */
export class PlainTerminal {
  readonly input = Object.assign(new PassThrough(), {
    setRawMode: (raw: boolean) => {
      this.#isRaw = raw;
    },
  });
  readonly output: Writable & { readonly columns: number; readonly rows: number };
  readonly #watchers = new Set<() => void>();
  #transcript = "";
  #isRaw = false;

  constructor(columns = 80) {
    const write = (chunk: Buffer, _encoding: BufferEncoding, done: () => void) => {
      this.#show(chunk.toString());
      done();
    };
    this.output = Object.assign(new Writable({ write }), { columns, rows: 24 });
  }

  get transcript(): string {
    return this.#transcript;
  }

  get isRaw(): boolean {
    return this.#isRaw;
  }

  /** A line, which the terminal echoes as long as it edits lines. */
  type(line: string): void {
    if (!this.#isRaw) this.#show(`${line}\n`);
    this.input.write(this.#isRaw ? `${line}\r` : `${line}\n`);
  }

  /** Types the lines, each as soon as the question stands open. */
  async answer(question: string, ...lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      await this.asks(question);
      this.type(line);
    }
  }

  /** Keys as they are sent while the terminal does not edit lines. */
  press(keys: string): void {
    this.input.write(keys);
  }

  /** As Ctrl-D on an empty line, and as a window that is closed. */
  hangUp(): void {
    this.input.end();
  }

  close(): void {
    this.input.destroy();
  }

  /** Resolves as soon as the text stands last, as an open question does. */
  async asks(question: string): Promise<void> {
    await this.#until(() => this.#transcript.endsWith(question));
  }

  /** Resolves as soon as the text stands anywhere. */
  async says(text: string): Promise<void> {
    await this.#until(() => this.#transcript.includes(text));
  }

  async #until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`It never came, but:\n${this.#transcript}`)), PATIENCE_MS);
      this.#watchers.add(look);
    });
  }

  #show(text: string): void {
    this.#transcript += text;
    for (const look of [...this.#watchers]) look();
  }
}
