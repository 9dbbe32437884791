import { test } from 'vitest';
import { run } from './io.ts';

test('x', async () => {
  for (const argv of [['conformance', '--case', 'dax/004,dax/005', '--era', 'v6.1', '--policy', 'as-released']]) {
    const t = Date.now();
    const r = await run(argv);
    console.log(r.code, Date.now() - t, r.stdout, r.stderr);
  }
}, 500000);
