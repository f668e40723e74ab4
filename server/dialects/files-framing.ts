import { StringDecoder } from "node:string_decoder";

/** What the bytes of one connection to the files door mean, in their order. */
export type FilesEvent =
  /** A bare message for people; nothing behind it is looked at. */
  | { readonly kind: "text"; readonly text: string }
  /** What the next content shall be called, as the peer has written it: it may be anything. */
  | { readonly kind: "name"; readonly name: string }
  /** Content begins; `size` is the number of bytes that it declares, 0 … 4,294,967,295. */
  | { readonly kind: "begin"; readonly size: number }
  /** The content's next bytes, a view into what was fed. */
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** All the bytes that were declared are there. */
  | { readonly kind: "complete" }
  /** The input ended within a content, or within its length. */
  | { readonly kind: "cut" }
  /** A first byte that begins no message; nothing behind it is looked at. */
  | { readonly kind: "unknown"; readonly type: number };

type State =
  | { readonly kind: "between" }
  | { readonly kind: "string"; readonly of: "text" | "name"; readonly bytes: Buffer; length: number }
  | { readonly kind: "length"; readonly width: number; read: number; value: number }
  | { readonly kind: "content"; left: number }
  | { readonly kind: "over" };

/** Bytes of a string that are kept; what is longer is dropped up to its end. */
const STRING_BYTES = 4_096;
const NAME_TYPE = 1;
/** Contents are of the types 2, 3, 4 and 5: one more than the bytes of their length. */
const CONTENT_TYPES = [2, 3, 4, 5];
/** From here on the first byte is no type, but the first of a bare text. */
const FIRST_TEXT_BYTE = 32;

const BETWEEN: State = { kind: "between" };
const OVER: State = { kind: "over" };

/**
 * Cuts what one connection sends into messages. It is told of bytes, of silence and of the end, and knows nothing else:
 *
 *     between ──1──▶ name ──silence──▶ between          0, 6…31 ──▶ over
 *        │ ╲──≥32──▶ text ──silence──▶ over
 *        ╰──2…5──▶ length ──▶ content ──▶ between
 *
 * Neither kind of string says how long it is, and whoever has sent one waits for the answer: silence or the end of
 * input is the end of both, however few or many bytes have come.
 */
export class FilesFraming {
  #state: State = BETWEEN;

  /** Whether silence would end a string: whoever feeds must tell of it. */
  get awaitsSilence(): boolean {
    return this.#state.kind === "string";
  }

  /** The events that these bytes complete. They must all be taken before anything else is told. */
  *feed(bytes: Buffer): Generator<FilesEvent, void> {
    let rest = bytes;
    while (rest.length > 0 && this.#state.kind !== "over") {
      switch (this.#state.kind) {
        case "between":
          rest = yield* this.#begin(rest);
          break;
        case "string":
          rest = keep(this.#state, rest);
          break;
        case "length":
          rest = yield* this.#count(this.#state, rest);
          break;
        case "content":
          rest = yield* this.#pass(this.#state, rest);
          break;
      }
    }
  }

  /** Nothing has come for a while. */
  *silence(): Generator<FilesEvent, void> {
    if (this.#state.kind !== "string") return;
    const { of, bytes, length } = this.#state;
    // The decoder keeps back a character that the limit has cut in two.
    const text = new StringDecoder("utf8").write(bytes.subarray(0, length));
    this.#state = of === "text" ? OVER : BETWEEN;
    yield of === "text" ? { kind: "text", text } : { kind: "name", name: text };
  }

  /** Nothing more will come. */
  *end(): Generator<FilesEvent, void> {
    yield* this.silence();
    const { kind } = this.#state;
    this.#state = OVER;
    if (kind === "length" || kind === "content") yield { kind: "cut" };
  }

  /** The first byte, which is a text's own and belongs to nothing in all other messages. */
  *#begin(bytes: Buffer): Generator<FilesEvent, Buffer> {
    const type = bytes[0] ?? 0;
    if (type >= FIRST_TEXT_BYTE) {
      this.#state = emptyString("text");
      return bytes;
    }
    if (type === NAME_TYPE) this.#state = emptyString("name");
    else if (CONTENT_TYPES.includes(type)) this.#state = { kind: "length", width: type - 1, read: 0, value: 0 };
    else {
      this.#state = OVER;
      yield { kind: "unknown", type };
    }
    return bytes.subarray(1);
  }

  /** One byte of a length, the lowest first. Four do not fit into what bit operators can count. */
  *#count(length: State & { kind: "length" }, bytes: Buffer): Generator<FilesEvent, Buffer> {
    length.value += (bytes[0] ?? 0) * 256 ** length.read;
    length.read++;
    if (length.read === length.width) {
      this.#state = length.value === 0 ? BETWEEN : { kind: "content", left: length.value };
      yield { kind: "begin", size: length.value };
      if (length.value === 0) yield { kind: "complete" };
    }
    return bytes.subarray(1);
  }

  *#pass(content: State & { kind: "content" }, bytes: Buffer): Generator<FilesEvent, Buffer> {
    const own = bytes.subarray(0, content.left);
    content.left -= own.length;
    if (content.left === 0) this.#state = BETWEEN;
    yield { kind: "bytes", bytes: own };
    if (content.left === 0) yield { kind: "complete" };
    return bytes.subarray(own.length);
  }
}

function emptyString(of: "text" | "name"): State {
  return { kind: "string", of, bytes: Buffer.alloc(STRING_BYTES), length: 0 };
}

/** Strings have no end of their own: all the bytes are theirs. Copied, or a byte would keep its whole packet. */
function keep(string: State & { kind: "string" }, bytes: Buffer): Buffer {
  string.length += bytes.copy(string.bytes, string.length);
  return bytes.subarray(bytes.length);
}
