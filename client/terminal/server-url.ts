/** Where a server is, as people type it. */
export interface ServerAddress {
  /** A name or an address, `::1` also without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Whether it speaks TLS. */
  readonly secure: boolean;
}

/** The server's URL, or undefined when `host` is neither a name nor an address. */
export function serverUrl({ host, port, secure }: ServerAddress): string | undefined {
  if (/[\s/\\?#@%]/.test(host)) return undefined;
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const text = `${secure ? "https" : "http"}://${bracketed}:${port}`;
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname } = new URL(text);
  return `${protocol}//${hostname}:${port}`;
}

/** A port number, or undefined when `text` is not one. */
export function portNumber(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
