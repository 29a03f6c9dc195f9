import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'test/support/global-setup.ts',
    // Files share a process, and with it modules that are loaded and compiled: what a file changes, it restores.
    isolate: false,
    silent: 'passed-only',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Only with --coverage: core/model and core/rules are held to every branch by their own tests.
    coverage: {
      include: ['core/model/**/*.ts', 'core/rules/**/*.ts'],
      // Types alone.
      exclude: ['core/model/hashes.ts'],
      reporter: ['text'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});
