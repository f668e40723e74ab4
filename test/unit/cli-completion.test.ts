import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { COMMANDS } from "../../client/cli/commands.ts";
import { completionScript } from "../../client/cli/completion.ts";
import { LOCAL, SHELLS } from "../../client/cli/local-commands.ts";
import { OPTIONS } from "../../client/cli/options.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyroom-completion-"));
  for (const shell of SHELLS) writeFileSync(join(folder, shell), completionScript(shell));
  mkdirSync(join(folder, "files", "sub folder"), { recursive: true });
  writeFileSync(join(folder, "files", "data.jsonl"), "");
});

afterAll(() => rmSync(folder, { recursive: true }));

const isThere = (shell: string) => spawnSync(shell, ["--version"]).status === 0;
const FILES = ["data.jsonl", "sub folder"];
const ALL = Object.keys(COMMANDS);
const AT = "127.0.0.1 3000";

/** What bash offers for the last word of the line, as readline would split it. */
function bash(line: string): string[] {
  const words = line.split(/ |(?==)|(?<==)/);
  const script = `source ../bash; keyroom() { [ "$*" = "profile list" ] && printf '%s\\n' "$PROFILES"; };  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _keyroom; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script, "bash", ...words], {
    cwd: join(folder, "files"),
    encoding: "utf8",
    env: {
      ...process.env,
      PROFILES: "lab     http://127.0.0.1:3000  user ada\nlocal   http://127.0.0.1:3001\n$(pwd)  x",
    },
  });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((word) => word !== "");
}

(isThere("bash") ? describe : describe.skip)("bash", () => {
  test.each<[string, readonly string[]]>([
    ["keyroom ", Object.keys(LOCAL)],
    ["keyroom do", ["doctor"]],
    ["keyroom localhost ", []],
    [`keyroom ${AT} `, ALL],
    [`keyroom ${AT} w`, ["watch", "whoami", "write"]],
    [`keyroom ${AT} get `, []],
    [`keyroom ${AT} get get w`, ["watch", "whoami", "write"]],
    [`keyroom ${AT} put --room w`, []],
    [`keyroom ${AT} put key --`, ["--from"]],
    [`keyroom ${AT} put key --from `, FILES],
    [`keyroom ${AT} put key --from data.jsonl w`, ["watch", "whoami", "write"]],
    [`keyroom ${AT} put key --json w`, ["watch", "whoami", "write"]],
    [`keyroom ${AT} export `, [...ALL, ...FILES]],
    [`keyroom ${AT} export d`, ["delete", "demote", "data.jsonl"]],
    [`keyroom ${AT} export data.jsonl im`, ["import"]],
    [`keyroom ${AT} put a 1 --f`, ["--fence"]],
    [`keyroom ${AT} lock a `, []],
    [`keyroom ${AT} lock get w`, []],
    [`keyroom ${AT} lock a b --sh`, ["--shared"]],
    [`keyroom ${AT} lock a --wait 1s --no`, ["--no-wait"]],
    [`keyroom ${AT} write put a 1 de`, []],
    [`keyroom ${AT} watch --s`, ["--strict", "--save"]],
    [`keyroom ${AT} get key --s`, ["--strict"]],
    [`keyroom ${AT} watch --save=d`, ["data.jsonl"]],
    [`keyroom ${AT} watch --save=`, FILES],
    ["keyroom --user get --ca ", FILES],
    ["keyroom --user ", []],
    [`keyroom --user get ${AT} w`, ["watch", "whoami", "write"]],
    [`keyroom --user=get ${AT} w`, ["watch", "whoami", "write"]],
    ["keyroom --profile ", ["lab", "local", "$(pwd)"]],
    ["keyroom --profile=loc", ["local"]],
    ["keyroom doctor --profile la", ["lab"]],
    ["keyroom --profile lab w", ["watch", "whoami", "write"]],
    ["keyroom --profile=lab w", ["watch", "whoami", "write"]],
    ["keyroom help pro", ["promote", "profile"]],
    ["keyroom profile ", ["add", "list", "remove"]],
    ["keyroom completion ", SHELLS],
    ["keyroom --", Object.keys(OPTIONS)],
  ])("%j", (line, offered) => {
    expect(bash(line).sort()).toEqual([...offered].sort());
  });
});

test.each(SHELLS)("the script for %s names every command and option", (shell) => {
  const script = completionScript(shell);
  for (const name of [...ALL, ...Object.keys(LOCAL)]) expect(script).toMatch(new RegExp(`\\b${name}\\b`));
  for (const name of Object.keys(OPTIONS)) expect(script).toMatch(new RegExp(`(--|-l )${name.slice(2)}\\b`));
});

describe("the shell itself finds no fault with the script", () => {
  for (const shell of SHELLS) {
    (isThere(shell) ? test : test.skip)(isThere(shell) ? shell : `${shell}, which is not installed`, () => {
      const { status, stderr } = spawnSync(shell, ["-n", join(folder, shell)], { encoding: "utf8" });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    });
  }
});
