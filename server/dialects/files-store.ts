import { access, constants, type FileHandle, mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseName, MAX_FILE_NAME_BYTES, PART, randomName } from "./files-name.ts";

/** Where the contents go that peers send. */
export interface FilesStore {
  /** Begins a file that is called `name`, or some name where that is null or cannot be one. Rejects with the system's error. */
  begin(name: string | null): Promise<Upload>;
}

/** A file that is on its way. Whoever has begun one must keep or discard it. */
export interface Upload {
  /** Under what name it will be found. */
  readonly name: string;
  /** Resolves when the bytes are with the system. Rejects with its error; the upload is to be discarded then. */
  write(bytes: Buffer): Promise<void>;
  /** Lets the file be seen, whole. Rejects with the system's error; the upload is to be discarded then. */
  keep(): Promise<void>;
  /** Leaves no trace. Rejects where the system lets nothing be deleted. */
  discard(): Promise<void>;
}

/** At most so many bytes are written at once. */
const PIECE_BYTES = 4_096;

/**
 * The folder that is wished for, made where there is none; else one of its own, new and empty, that only this user can
 * read. Resolves with its path, and rejects with a sentence.
 */
export async function openFolder(wish: string | undefined): Promise<string> {
  try {
    if (wish === undefined) return await mkdtemp(join(tmpdir(), "keyroom-files-"));
    await mkdir(wish, { recursive: true });
    await access(wish, constants.W_OK | constants.X_OK);
    return wish;
  } catch (error) {
    const folder = wish ?? tmpdir();
    throw new Error(`The folder ${folder} cannot take files (${String(error)}). Name another with --files-dir.`, {
      cause: error,
    });
  }
}

/**
 * Keeps files in a folder. What has not all come stands in `NAME.part`, and where
 * that is another's or would be too long, in a part with a random name; so that uploads of one name at once do not touch
 * each other, and the last one to be whole is the file. A part that a killed server has left is never taken for a file.
 */
export function filesStore(folder: string): FilesStore {
  return {
    begin: async (wish) => {
      const name = (wish === null ? null : baseName(wish)) ?? `${randomName()}.bin`;
      const { file, path } = await openPart(folder, name);
      return new FolderUpload(name, file, path, join(folder, name));
    },
  };
}

async function openPart(folder: string, name: string): Promise<{ file: FileHandle; path: string }> {
  const wish = `${name}${PART}`;
  const fits = Buffer.byteLength(wish) <= MAX_FILE_NAME_BYTES;
  for (let part = fits ? wish : randomPart(); ; part = randomPart()) {
    const path = join(folder, part);
    const file = await openNew(path);
    if (file !== null) return { file, path };
  }
}

function randomPart(): string {
  return `${randomName()}${randomName()}${PART}`;
}

/** Null where there is such a file, or a link of that name, which must not be followed. */
async function openNew(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === "EEXIST") return null;
    throw error;
  }
}

class FolderUpload implements Upload {
  readonly name: string;
  readonly #file: FileHandle;
  readonly #part: string;
  readonly #path: string;
  #isOpen = true;

  constructor(name: string, file: FileHandle, part: string, path: string) {
    this.name = name;
    this.#file = file;
    this.#part = part;
    this.#path = path;
  }

  async write(bytes: Buffer): Promise<void> {
    // Not `write`: a disk that is nearly full can take less than it was given, without an error yet.
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await this.#file.appendFile(bytes.subarray(at, at + PIECE_BYTES));
    }
  }

  /** Flushed before it is renamed: else the machine's own end could leave the name with nothing behind it. */
  async keep(): Promise<void> {
    await this.#file.sync();
    await this.#close();
    await rename(this.#part, this.#path);
  }

  async discard(): Promise<void> {
    // What matters is that the part goes; a disk that refuses to write may refuse to close too.
    await this.#close().catch(() => undefined);
    await rm(this.#part, { force: true });
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#file.close();
  }
}
