/**
 * Text from recordings, adapters and command lines reaches every report. Each format has its own way of
 * being broken out of; these functions are the only way in.
 */

// C0, DEL, C1, zero-width and bidirectional controls, line separators, byte-order mark.
const controls =
  '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb';
const unsafeForPeople = new RegExp(
  `[${controls}]|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]`,
  'g',
);
const unsafeInJson = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const unsafeInXml = /[&<>"'\t\n\r\ufffe\uffff]/g;

const xmlNames: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function visible(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** One line of text for people: controls become visible (`\x1b`), line breaks and tabs too. */
export function plainText(text: string): string {
  return text.replace(unsafeForPeople, visible);
}

/** Text of several lines for people: as `plainText`, but line feeds stay. */
export function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}

/** For XML and HTML, in text and in quoted attributes. `]]>` and `</script>` cannot survive it. */
export function xmlText(text: string): string {
  const kept = text.replace(unsafeForPeople, (char) => (char === '\n' || char === '\t' ? char : visible(char)));
  return kept.replace(unsafeInXml, (char) => xmlNames[char] ?? visible(char));
}

/** Message of a GitHub workflow command. */
export function githubData(text: string): string {
  return plainLines(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Property value of a GitHub workflow command. */
export function githubProperty(text: string): string {
  return githubData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Description of a TAP test point: `#` would begin a directive. */
export function tapDescription(text: string): string {
  return plainText(text).replace(/[\\#]/g, (char) => `\\${char}`);
}

/** Quoted string of Graphviz, quotes included. */
export function dotString(text: string): string {
  return `"${plainLines(text)
    .replace(/["\\]/g, (char) => `\\${char}`)
    .replaceAll('\n', '\\n')}"`;
}

/** Label of a Mermaid node or edge, quotes included: whatever could be syntax becomes a character code. */
export function mermaidLabel(text: string): string {
  const safe = plainText(text).replace(/[^\p{L}\p{N} .,/_+=()-]/gu, (char) => `#${char.codePointAt(0)};`);
  return `"${safe}"`;
}

/** JSON that is also safe to print on a terminal. Keys keep the order in which they were made. */
export function safeJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(
    unsafeInJson,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `12345678` is `12,345,678`, whatever the locale. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 state`, `2 states`. */
export function plural(count: number, noun: string): string {
  return `${thousands(count)} ${noun}${count === 1 ? '' : 's'}`;
}
