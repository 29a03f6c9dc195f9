import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    silent: 'passed-only',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Only with --coverage: the rules of lambdas/core are held to every branch by their own tests.
    coverage: {
      include: ['lambdas/core/**/*.ts'],
      // Types alone.
      exclude: ['lambdas/core/hashes.ts'],
      reporter: ['text'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
