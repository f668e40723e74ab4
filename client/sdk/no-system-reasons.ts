import type { Reason } from "./system-reasons.ts";

/** In browsers, whose requests fail without a word: see `browser` in package.json. */
export const SYSTEM_REASONS: readonly Reason[] = [];
