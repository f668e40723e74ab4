import { readFile } from "node:fs/promises";
import { LocalError } from "./local-error.ts";
import { systemReason } from "./system-reason.ts";

/** Node takes anything for certificates, and trusts nothing more for it. */
const CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m;

/**
 * The certificates to trust beside the system's, as PEM.
 * @throws LocalError when the file cannot be read, or holds none
 */
export async function readCa(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new LocalError(`Cannot read the certificates to trust in ${file}: ${systemReason(error)}.`);
  }
  if (CERTIFICATE.test(text)) return text;
  throw new LocalError(`${file} holds no certificate in PEM form, and so nothing to trust. Name the issuer's file.`);
}
