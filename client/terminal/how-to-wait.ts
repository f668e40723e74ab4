/** The server's sentence about a lock in one's way, where it names a field of requests: with what people can do instead. */
export function howToWait(message: string, instead: string): string {
  return message.replace("Wait for it with `waitMs`", instead);
}
