/** What is wrong with XML that has elements, texts, attributes in double quotes and no more; null when nothing is. */
export function faultOfXml(xml: string): string | null {
  const open: string[] = [];
  let at = 0;
  for (const match of xml.matchAll(/<(\/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<&]*(?:&[a-z]+;[^"<&]*)*")*)(\/?)>\n?/g)) {
    const between = xml.slice(at, match.index);
    if (/[<>]|&(?!(?:amp|lt|gt|quot);)/.test(between)) return `a stray sign in ${JSON.stringify(between)}`;
    at = match.index + match[0].length;
    const [, isEnd, name = "", , isEmpty] = match;
    if (isEnd === "/") {
      const last = open.pop();
      if (last !== name) return `</${name}> ends <${last}>`;
    } else if (isEmpty === "") open.push(name);
  }
  if (at !== xml.length) return `${JSON.stringify(xml.slice(at, at + 40))} at the end`;
  return open.length === 0 ? null : `<${open.join("><")}> without an end`;
}
