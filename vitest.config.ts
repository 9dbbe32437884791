import { defineConfig } from 'vitest/config';

const conditions = ['@faultpath/source', 'module', 'import', 'node', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tools/**/*.test.ts'],
    pool: 'threads',
    setupFiles: [new URL('tools/vitest/seed.ts', import.meta.url).pathname],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
