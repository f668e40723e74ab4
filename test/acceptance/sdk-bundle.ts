import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Kilobytes of 1000 bytes. */
export const SDK_LIMIT_KB = 25;

/** The SDK as one script for a browser. Rejects when it needs a Node built-in. */
export async function bundleSdk(entry: string, folder: string): Promise<{ code: string; gzipKb: number }> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from ${JSON.stringify(entry)};`, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
    write: false,
  });
  const code = outputFiles[0]?.text ?? "";
  return { code, gzipKb: gzipSync(code, { level: 9 }).length / 1000 };
}
