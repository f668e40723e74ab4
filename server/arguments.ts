import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";
import { quoted } from "../protocol/text.ts";
import { ConfigError, DOOR_NAMES, type DoorName, flagOf, type ServerOptions, USUAL_PORTS } from "./config.ts";

const Flags = v.object({
  host: v.string(),
  port: v.number(),
  accounts: v.picklist(["password", "name"]),
  accountsFile: v.optional(v.string()),
  anonymous: v.picklist(["on", "off"]),
  upgrade: v.picklist(["passphrase", "open", "off"]),
  managerPassphraseFile: v.optional(v.string()),
  tlsCert: v.optional(v.string()),
  tlsKey: v.optional(v.string()),
  origin: v.array(v.string()),
  tcpTextPort: v.optional(v.number()),
  wsTextPort: v.optional(v.number()),
  wsJsonPort: v.optional(v.number()),
  filesPort: v.optional(v.number()),
  filesDir: v.optional(v.string()),
});

/**
 * A flag that can also be set in the environment, as `KEYROOM_` and the same words in capitals. An empty variable
 * counts as not set; commander, which looks into the environment itself, would take it for a value.
 */
function flag(words: string, description: string): Option {
  const option = new Option(words, description);
  const variable = `KEYROOM_${option.name().replaceAll("-", "_").toUpperCase()}`;
  return process.env[variable] === "" ? option : option.env(variable);
}

/** A flag with a port; without one, the usual port. */
function doorFlag(name: DoorName, what: string): Option {
  const usual = USUAL_PORTS[name];
  return flag(`${flagOf(name)} [port]`, `open the older door for ${what}; usually at ${usual}`)
    .preset(String(usual))
    .argParser(port);
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return number;
}

function origin(text: string, before: readonly string[]): string[] {
  const origins = text.split(/[\s,]+/).filter((part) => part !== "");
  for (const one of origins) {
    if (!URL.canParse(one) || new URL(one).origin !== one) {
      throw new InvalidArgumentError("An origin is like https://app.example, with nothing behind the host and port.");
    }
  }
  return [...before, ...origins];
}

/** Throws commander's CommanderError for help, version and flags that are wrong. */
export function makeCommand(version: string): Command {
  return new Command("keyroom-server")
    .description("Serves a live key-value store over Socket.IO.")
    .version(version)
    .addOption(flag("--host <host>", "address to listen on").default("127.0.0.1"))
    .addOption(flag("--port <port>", "port to listen on; 0 picks a free one").default(3000).argParser(port))
    .addOption(
      flag("--accounts <kind>", "password: the first sign-in makes the account; name: whoever holds the name")
        .choices(["password", "name"])
        .default("password"),
    )
    .addOption(flag("--accounts-file <file>", "keeps accounts and roles, but no keys, across restarts"))
    .addOption(
      flag("--anonymous <on|off>", "whether clients without a user name become guests")
        .choices(["on", "off"])
        .default("on"),
    )
    .addOption(
      flag("--upgrade <how>", "how a guest becomes a manager")
        .choices(["passphrase", "open", "off"])
        .default("passphrase"),
    )
    .addOption(
      flag("--manager-passphrase-file <file>", "the passphrase; or KEYROOM_MANAGER_PASSPHRASE; or one is generated"),
    )
    .addOption(flag("--tls-cert <file>", "certificate in PEM"))
    .addOption(flag("--tls-key <file>", "its key in PEM"))
    .addOption(flag("--insecure", "listen in clear where other machines can reach it"))
    .addOption(flag("--origin <url>", "web pages that may connect (repeatable)").default([]).argParser(origin))
    .addOption(flag("--trust-proxy", "take the client's address from the proxy in front"))
    .addOption(flag("--dialects", "open all the older doors, at their usual ports"))
    .addOption(doorFlag("tcp-text", "text over TCP"))
    .addOption(doorFlag("ws-text", "text over WebSocket"))
    .addOption(doorFlag("ws-json", "JSON over WebSocket"))
    .addOption(doorFlag("files", "files over TCP"))
    .addOption(flag("--files-dir <folder>", "where uploaded files go; or a fresh temporary folder"))
    .showSuggestionAfterError()
    .exitOverride();
}

/** The server's options from its flags and environment. Throws a ConfigError for what cannot be. */
export function readOptions(command: Command, environment: NodeJS.ProcessEnv): ServerOptions {
  const flags = v.parse(Flags, command.opts());
  const passphrase =
    flags.managerPassphraseFile === undefined
      ? nonEmpty(environment["KEYROOM_MANAGER_PASSPHRASE"])
      : readText(flags.managerPassphraseFile).trim();
  if (passphrase === "")
    throw new ConfigError("The manager passphrase is empty. Give one, or leave it out for a new one.");
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw new ConfigError("--tls-cert and --tls-key go together. Give both.");
  }
  return {
    host: flags.host,
    port: flags.port,
    accounts: flags.accounts,
    anonymous: flags.anonymous === "on",
    upgrade: flags.upgrade,
    insecure: isOn(command, "insecure", environment),
    origins: flags.origin,
    trustProxy: isOn(command, "trustProxy", environment),
    doors: doorPorts(flags, isOn(command, "dialects", environment)),
    ...(flags.filesDir === undefined ? {} : { filesDir: flags.filesDir }),
    ...(flags.accountsFile === undefined ? {} : { accountsFile: flags.accountsFile }),
    ...(passphrase === undefined ? {} : { managerPassphrase: passphrase }),
    ...(flags.tlsCert === undefined || flags.tlsKey === undefined
      ? {}
      : { tls: { cert: readText(flags.tlsCert), key: readText(flags.tlsKey) } }),
  };
}

/** A door's own flag goes before `--dialects`. */
function doorPorts(flags: v.InferOutput<typeof Flags>, all: boolean): NonNullable<ServerOptions["doors"]> {
  const given = {
    "tcp-text": flags.tcpTextPort,
    "ws-text": flags.wsTextPort,
    "ws-json": flags.wsJsonPort,
    files: flags.filesPort,
  };
  const ports = DOOR_NAMES.map((name) => [name, given[name] ?? (all ? USUAL_PORTS[name] : undefined)] as const);
  return Object.fromEntries(ports.filter(([, port]) => port !== undefined));
}

/** A flag without a value. In the environment commander takes any text for a yes, also `off`. */
function isOn(command: Command, name: string, environment: NodeJS.ProcessEnv): boolean {
  if (command.getOptionValueSource(name) !== "env") return command.getOptionValue(name) === true;
  const variable = command.options.find((option) => option.attributeName() === name)?.envVar ?? "";
  const text = environment[variable] ?? "";
  if (["on", "true", "yes", "1"].includes(text)) return true;
  if (["off", "false", "no", "0"].includes(text)) return false;
  throw new ConfigError(`${variable} is ${quoted(text)}. Say on or off.`);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
