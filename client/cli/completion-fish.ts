/** Completion for fish, which completes options and their values by itself. */
import type { Vocabulary } from "./vocabulary.ts";

export function fishScript(words: Vocabulary): string {
  const { commands, local, options, behind } = words;
  const valued = [...options, ...behind].filter(({ takes }) => takes !== "nothing").map(({ name }) => name);
  const lines = [
    ...local.map(({ name, help }) => offer("server", name, help)),
    ...commands.map(({ name, help }) => offer("command", name, help)),
    ...[...commands, ...local].map(({ name, help }) => offer("help", name, help)),
    ...words.profile.map((name) => offer("profile", name)),
    ...words.shells.map((name) => offer("completion", name)),
    "complete -c keyroom -n '__keyroom_at file' -F",
    ...options.map(
      ({ name, help, takes }) => `complete -c keyroom -l ${name.slice(2)} ${kind(takes)} -d ${quoted(help)}`,
    ),
    ...behind.map(({ name, takes }) => {
      const of = commands.filter((command) => command.options.includes(name) || (name === "--from" && command.from));
      const where = of.map((command) => command.name).join(" ");
      return `complete -c keyroom -n '__keyroom_behind ${where}' -l ${name.slice(2)} ${kind(takes)}`;
    }),
  ];
  return `# Completion of keyroom for fish: keyroom completion fish > ~/.config/fish/completions/keyroom.fish
# Prints what stands at the cursor, and the command before it.
function __keyroom_walk
    set -l state server
    set -l left 0
    set -l skip 0
    set -l command none
    for word in (commandline -opc)[2..-1]
        if test $skip -gt 0
            set skip 0
            continue
        end
        if test $left -gt 0
            set left (math $left - 1)
            if test "$word" = --from; and test $left -eq 0; and contains -- $command ${commands
              .filter(({ from }) => from)
              .map(({ name }) => name)
              .join(" ")}
                set skip 1
            end
            continue
        end
        switch $word
            case '--profile=*'
                set state command
            case --profile
                set state command
                set skip 1
            case ${valued.filter((name) => name !== "--profile").join(" ")}
                set skip 1
            case '-*'
            case '*'
                switch $state
                    case server
                        set state port
                        if contains -- $word ${local.map(({ name }) => name).join(" ")}
                            set state $word
                        end
                    case port
                        set state command
                    case command file
                        set command $word
                        set state command
                        switch $word
${commands
  .filter((it) => it.words > 0 || it.rest)
  .map(
    ({ name, words: count, rest }) =>
      `                            case ${name}\n                                set left ${count}${rest ? "\n                                set state nothing" : ""}`,
  )
  .join("\n")}
                            case ${commands
                              .filter(({ file }) => file)
                              .map(({ name }) => name)
                              .join(" ")}
                                set state file
                        end
                    case '*'
                        set state nothing
                end
        end
    end
    if test $left -gt 0
        set state nothing
    end
    echo $state
    echo $command
end
function __keyroom_at
    set -l at (__keyroom_walk)
    contains -- $at[1] $argv
end
function __keyroom_behind
    set -l at (__keyroom_walk)
    contains -- $at[2] $argv
end
complete -c keyroom -e
complete -c keyroom -f
${lines.join("\n")}
`;
}

function offer(state: string, name: string, help?: string): string {
  const states = state === "command" ? "command file" : state;
  return `complete -c keyroom -n '__keyroom_at ${states}' -a ${name}${help === undefined ? "" : ` -d ${quoted(help)}`}`;
}

function kind(takes: string): string {
  if (takes === "nothing") return "";
  return takes === "file" ? "-r -F" : "-x";
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
