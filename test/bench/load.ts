/** What is written. */

export const VALUE = "v".repeat(64);

export const anyKey = (): string => `key-${Math.floor(Math.random() * 100)}`;
