/** One token of a print format's text. */
export interface Token {
  readonly kind: 'string' | 'number' | 'name' | 'op' | 'end';
  readonly text: string;
}

/** Thrown while a print format is being parsed: the event is then printed field by field. */
export class PrintFormatError extends Error {}

const end: Token = { kind: 'end', text: '' };
const scanner =
  /\s*(?:"((?:[^"\\]|\\[\s\S])*)"|(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|'(\\?[^'])'|([A-Za-z_$][\w$]*)|(->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:,()[\]{}.]))/y;

/** Cuts the text behind `print fmt:` into tokens. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  scanner.lastIndex = 0;
  while (scanner.lastIndex < text.length) {
    const at = scanner.lastIndex;
    const match = scanner.exec(text);
    if (match === null) {
      if (text.slice(at).trim() === '') break;
      throw new PrintFormatError(`unexpected ${JSON.stringify(text.slice(at, at + 10))}`);
    }
    const [, string, number, character, name, op] = match;
    if (string !== undefined) tokens.push({ kind: 'string', text: plainText(string) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (character !== undefined) tokens.push({ kind: 'number', text: String(plainText(character).charCodeAt(0)) });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'op', text: op ?? '' });
  }
  tokens.push(end);
  return tokens;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '0': '\0',
};

function plainText(text: string): string {
  return text.replace(/\\([\s\S])/g, (whole, character: string) => escapes[character] ?? whole);
}
