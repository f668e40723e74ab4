/**
 * Until the returned function is called, a SIGINT calls `listener` and nobody else: not even whoever would end the
 * process. Ctrl-C is that signal on a terminal that edits lines itself, and for all programs in its foreground.
 */
export function takeInterrupts(listener: () => void): () => void {
  const others = process.listeners("SIGINT");
  // First the new one: with none at all, the signal kills.
  process.on("SIGINT", listener);
  for (const other of others) process.off("SIGINT", other);
  return () => {
    for (const other of others) process.on("SIGINT", other);
    process.off("SIGINT", listener);
  };
}
