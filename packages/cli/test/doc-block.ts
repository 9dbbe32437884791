import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../../docs/validation.md', import.meta.url));

/**
 * A generated block of the page on validation, as it stands there. With `FAULTPATH_UPDATE=1` it is replaced by `made`
 * first.
 */
export function docBlock(name: string, made: string): string {
  const [begin, end] = [`<!-- ${name}: generated -->\n`, `<!-- end of ${name} -->`];
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`the page has no block ${name}`);
  if (process.env['FAULTPATH_UPDATE'] === '1') {
    writeFileSync(page, `${text.slice(0, from)}${made}${text.slice(to)}`);
    return made;
  }
  return text.slice(from, to);
}
