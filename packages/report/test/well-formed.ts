/** Small independent readers of the formats, for tests only: they share no code with the writers. */

/** Element names in document order; throws where the text is no well-formed XML. */
export function xmlElements(xml: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const forbidden = /[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/u;
  if (forbidden.test(xml)) throw new Error('a character that XML forbids');
  let rest = xml.replace(/^<\?xml [^>]*\?>\s*/, '').replace(/^<!DOCTYPE html>\s*/, '');
  const reference = /&(?!(?:amp|lt|gt|quot|#\d+|#x[0-9a-f]+);)/i;
  while (rest !== '') {
    const tag = /^<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/.exec(rest);
    if (tag !== null) {
      const [whole, close, name = '', attributes = '', empty] = tag;
      if (reference.test(attributes)) throw new Error(`a bare & in an attribute of ${name}`);
      if (close === '/') {
        if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
      } else {
        names.push(name);
        if (empty !== '/') open.push(name);
      }
      rest = rest.slice(whole.length);
      continue;
    }
    const text = /^[^<]+/.exec(rest)?.[0] ?? '';
    if (text === '') throw new Error(`no markup: ${rest.slice(0, 60)}`);
    if (open.length === 0 && text.trim() !== '') throw new Error(`text outside the root: ${text.slice(0, 60)}`);
    if (text.includes(']]>') || reference.test(text)) throw new Error(`unescaped text: ${text.slice(0, 60)}`);
    rest = rest.slice(text.length);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> stays open`);
  return names;
}

/** Code points that move a cursor, hide or reorder text, other than the line feed. */
export function terminalControls(text: string): string[] {
  return [...text].filter((char) => char !== '\n' && /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(char));
}

/** Strings of a graph in the dot language; throws where the quoting is broken. */
export function dotStrings(dot: string): string[] {
  const strings = [...dot.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((match) => match[1] ?? '');
  const skeleton = dot.replace(/"(?:[^"\\]|\\.)*"/gs, 'S');
  for (const line of skeleton.trim().split('\n')) {
    if (!/^(digraph S \{|\}| {2}node \[shape=box\];| {2}t\d+ (-> t\d+ )?\[label=S\];)$/.test(line))
      throw new Error(`no dot: ${line}`);
  }
  return strings;
}
