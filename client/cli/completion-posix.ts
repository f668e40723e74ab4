/** Completion for bash and zsh. Both walk over the words before the cursor by the same function. */
import type { CommandWords, Vocabulary } from "./vocabulary.ts";

/**
 * Sets `state` to what stands at the cursor: `server`, `port`, `command`, `file` (or a command), the name of a local
 * command, or `nothing`; `pending` to what an option before it takes (a word, a file, a profile); `left` to the words that a command still takes.
 */
function walk({ commands, local, options, behind }: Vocabulary): string {
  const all = [...options, ...behind];
  const names = (takes: string, but = "") =>
    alternatives(all.filter((it) => it.takes === takes && it.name !== but).map((it) => it.name));
  const arity = (count: number) =>
    commands.filter(({ words, rest }) => !rest && words === count).map(({ name }) => name);
  const rests = commands
    .filter(({ rest }) => rest)
    .map(({ name, words }) => `                ${name}) left=${words} state=nothing ;;`);
  const counts = [...new Set(commands.map(({ words }) => words))].filter((count) => count > 0);
  return `_keyroom_walk() {
  shift
  while [ $# -gt 0 ]; do
    word=$1
    shift
    if [ "$left" -gt 0 ]; then
      left=$((left - 1))
      case "$command $left $word" in
        ${alternatives(commands.filter(({ from }) => from).map(({ name }) => `"${name} 0 --from"`))}) pending=file ;;
        *) continue ;;
      esac
    else
      case $word in
        ${names("file")}) pending=file ;;
        --profile=*) state=command ;;
        --profile) pending=profile state=command ;;
        ${names("word", "--profile")}) pending=word ;;
        -*) ;;
        *)
          case $state in
            server)
              case $word in
                ${alternatives(local.map(({ name }) => name))}) state=$word ;;
                *) state=port ;;
              esac ;;
            port) state=command ;;
            command|file)
              command=$word state=command
              case $word in
${rests.join("\n")}
${counts.map((count) => `                ${alternatives(arity(count))}) left=${count} ;;`).join("\n")}
                ${alternatives(commands.filter(({ file }) => file).map(({ name }) => name))}) state=file ;;
              esac ;;
            *) state=nothing ;;
          esac ;;
      esac
    fi
    if [ -n "$pending" ] && [ "$1" = "=" ]; then shift; fi
    if [ -n "$pending" ] && [ $# -gt 0 ]; then
      pending=
      shift
    fi
  done
}
`;
}

export function bashScript(words: Vocabulary): string {
  return `# Completion of keyroom for bash: source <(keyroom completion bash)
${walk(words)}
_keyroom() {
  local cur=\${COMP_WORDS[COMP_CWORD]} state=server command= pending= left=0 word= offer= files= name=
  COMPREPLY=()
  _keyroom_walk "\${COMP_WORDS[@]:0:COMP_CWORD}"
  # Bash takes the sign of --option=value for a word of its own.
  if [ "$cur" = "=" ]; then cur=; fi
  if [ "$pending" = profile ]; then
    # Not as a list of words for compgen, which would run what stands in a name.
    while read -r name _; do
      if [[ $name == "$cur"* ]]; then COMPREPLY+=("$name"); fi
    done < <("\${COMP_WORDS[0]}" profile list 2>/dev/null)
    return
  elif [ -n "$pending" ]; then
    if [ "$pending" = file ]; then files=1; fi
  elif [ "$left" -gt 0 ]; then
    case "$command $left" in ${fromPattern(words)}) offer=--from ;; esac
  elif [[ $cur == -* ]]; then
    offer='${words.options.map(({ name }) => name).join(" ")}'
    case $command in
${behindCases(words, (options) => `offer+=' ${options.join(" ")}'`)}
    esac
  else
    case $state in
      server) offer='${words.local.map(({ name }) => name).join(" ")}' ;;
      help) offer='${topics(words).join(" ")}' ;;
      profile) offer='${words.profile.join(" ")}' ;;
      completion) offer='${words.shells.join(" ")}' ;;
      command|file) offer='${words.commands.map(({ name }) => name).join(" ")}' ;;
    esac
    if [ "$state" = file ]; then files=1; fi
  fi
  local IFS=$' \\n'
  COMPREPLY=($(compgen -W "$offer" -- "$cur"))
  if [ -n "$files" ]; then
    IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen -f -- "$cur"))
  fi
}
complete -F _keyroom keyroom
`;
}

export function zshScript(words: Vocabulary): string {
  const described = (all: readonly { readonly name: string; readonly help: string }[]) =>
    all.map(({ name, help }) => quoted(`${name}:${help.replaceAll(":", "\\:")}`)).join(" ");
  return `#compdef keyroom
# Completion of keyroom for zsh: source <(keyroom completion zsh), behind compinit
${walk(words)}
_keyroom() {
  local cur=$words[CURRENT] state=server command= pending= left=0 word=
  local -a offer
  _keyroom_walk "\${(@)words[1,CURRENT-1]}"
  if [[ -n $pending ]]; then
    if [[ $pending == file ]]; then _files; fi
    return
  fi
  if (( left > 0 )); then
    case "$command $left" in ${fromPattern(words)}) compadd -- --from ;; esac
    return
  fi
  if [[ $cur == -* ]]; then
    offer=(${described(words.options)})
    case $command in
${behindCases(words, (options) => `offer+=(${options.map(quoted).join(" ")})`)}
    esac
    _describe -o option offer
    return
  fi
  case $state in
    server)
      offer=(${described(words.local)})
      _describe command offer
      _hosts ;;
    doctor) _hosts ;;
    help) compadd -- ${topics(words).join(" ")} ;;
    profile) compadd -- ${words.profile.join(" ")} ;;
    completion) compadd -- ${words.shells.join(" ")} ;;
    command|file)
      offer=(${described(words.commands)})
      _describe command offer ;;
  esac
  if [[ $state == file ]]; then _files; fi
}
compdef _keyroom keyroom
`;
}

function alternatives(names: readonly string[]): string {
  return names.join("|");
}

/** Where `--from` may stand for the last word of a command. */
function fromPattern({ commands }: Vocabulary): string {
  return alternatives(commands.filter(({ from }) => from).map(({ name }) => `"${name} 1"`));
}

function behindCases({ commands }: Vocabulary, offer: (options: CommandWords["options"]) => string): string {
  return commands
    .filter(({ options }) => options.length > 0)
    .map(({ name, options }) => `      ${name}) ${offer(options)} ;;`)
    .join("\n");
}

function topics({ commands, local }: Vocabulary): readonly string[] {
  return [...commands, ...local].map(({ name }) => name);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
