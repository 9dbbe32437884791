import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { adapters } from '../src/adapters.ts';
import { traceLockOrders, traceVocabularies } from '../src/recordings.ts';

const packages = new URL('../../', import.meta.url);

/** The file behind a specifier, for our own; those that are only types are gone when it runs. */
function fileOf(specifier: string, from: URL): URL | undefined {
  if (specifier.startsWith('.')) return new URL(specifier, from);
  const ours = /^@faultpath\/(\w+)\/recordings$/.exec(specifier);
  return ours === null ? undefined : new URL(`${ours[1]}/src/recordings.ts`, packages);
}

/** What is loaded with a file: names of files of ours, and of packages. */
function loadedWith(file: URL, found = new Set<string>()): Set<string> {
  const text = readFileSync(fileURLToPath(file), 'utf8');
  for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm)) {
    const next = fileOf(specifier, file);
    const name = next?.pathname.slice(packages.pathname.length) ?? specifier;
    if (found.has(name)) continue;
    found.add(name);
    if (next !== undefined) loadedWith(next, found);
  }
  return found;
}

describe('what recordings are read with', () => {
  test('is there for every bundled filesystem, with the order that its model declares', () => {
    const names = adapters.map(({ name }) => name);
    expect(Object.keys(traceLockOrders()).sort()).toEqual([...names].sort());
    expect(traceVocabularies.map(({ fs }) => fs).sort()).toEqual([...names].sort());
    for (const { name, lockOrder } of adapters) {
      const pairs = lockOrder.flatMap((chain) => chain.slice(1).map((inner, at) => [chain[at], inner]));
      expect(traceLockOrders([name])).toEqual({ [name]: pairs });
    }
  });

  test('loads no model: a recording would wait for it', () => {
    const loaded = loadedWith(new URL('integration/src/recordings.ts', packages));
    expect(loaded).toContain('xfs/src/trace-vocabulary.ts');
    expect([...loaded].filter((name) => !/(recordings|trace-vocabular(y|ies)|lock-order)\.ts$/.test(name))).toEqual([]);
    // A file with a model in it is noticed.
    expect(loadedWith(new URL('integration/src/adapters.ts', packages))).toContain('@faultpath/xfs');
  });
});
