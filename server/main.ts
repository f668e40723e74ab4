#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { pino } from "pino";
import pretty from "pino-pretty";
import * as v from "valibot";
import { makeCommand, readOptions } from "./arguments.ts";
import { ConfigError, type ServerOptions } from "./config.ts";
import { whileInForeground } from "./foreground.ts";
import { listenToOperator } from "./operator.ts";
import { type RunningServer, startServer } from "./server.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
// Whoever read the first lines and went, as `head -1` does, must not take the server with him.
process.stdout.on("error", () => undefined);

function fail(message: string, status: number): never {
  process.stderr.write(`keyroom-server: ${message}\n`);
  process.exit(status);
}

/** The server's options, or the end of the process with a sentence. */
function optionsOrExit(): ServerOptions {
  const command = makeCommand(version());
  try {
    command.parse();
    return readOptions(command, process.env);
  } catch (error) {
    // Commander has printed its own sentence, or the help that was asked for.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    if (error instanceof ConfigError) fail(error.message, 2);
    throw error;
  }
}

/** The package file stands one folder up from the source, and two from the built file. */
function version(): string {
  const up = import.meta.url.endsWith(".ts") ? "../package.json" : "../../package.json";
  return v.parse(v.object({ version: v.string() }), JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8")))
    .version;
}

async function startOrExit(options: ServerOptions): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    if (error instanceof ConfigError) fail(error.message, 2);
    fail(explain(error, options), 1);
  }
}

function explain(error: unknown, { host, port }: ServerOptions): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken. Stop what uses it, or choose another with --port.`;
  if (code === "EACCES") return `Port ${port} may not be used by this user. Choose one from 1024 up with --port.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is no address of this machine. Check --host.`;
  if (String(code).startsWith("ERR_OSSL")) {
    return "The TLS certificate and key do not work. Give a certificate and its own key without a password, both in PEM.";
  }
  return sentence(error);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function announce({ url, doors, managerPassphrase }: RunningServer, options: ServerOptions): void {
  say(`Keyroom listening on ${url}`);
  for (const { name, host, port } of doors) say(`${name} on ${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (options.managerPassphrase === undefined && managerPassphrase !== null) {
    say(`Manager passphrase: ${managerPassphrase} (made for this run, and shown only here)`);
  }
  const kept = options.accountsFile === undefined ? "accounts and keys" : "keys";
  say(`Kept in memory only, and forgotten at a restart: ${kept}.`);
}

/** From the terminal, for as long as it is ours. */
function hearOperator(): () => void {
  let close = (): void => undefined;
  return whileInForeground(
    () => {
      close = listenToOperator(process.stdin, say, server);
    },
    () => close(),
  );
}

const log = pino(
  process.stderr.isTTY ? pretty({ destination: 2, ignore: "pid,hostname", sync: true }) : pino.destination(2),
);
const options = { ...optionsOrExit(), log };
const server = await startOrExit(options);
announce(server, options);
const closeOperator = process.stdin.isTTY ? hearOperator() : () => undefined;

let stopping = false;
function stop(): void {
  // Whoever asks twice does not want to wait.
  if (stopping) process.exit(1);
  stopping = true;
  closeOperator();
  server.close().then(
    () => process.exit(0),
    (error: unknown) => fail(sentence(error), 1),
  );
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
