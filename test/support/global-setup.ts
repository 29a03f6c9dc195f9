import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * Gives all tests one temporary folder, which is removed even when a test or its process does not end as it should.
 *
 * Processes and threads that tests start keep their compiled modules, since compiling takes a third of their start.
 * Coverage would lose precision by that.
 *
 * @see https://nodejs.org/api/module.html#module-compile-cache (read 2026-11-28)
 */
export function setup({ config }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 's3copy-tests-'));
  process.env['TMPDIR'] = folder;
  if (!config.coverage.enabled) process.env['NODE_COMPILE_CACHE'] ??= join(cache, 'node-compile');
  return () => rmSync(folder, { recursive: true, force: true });
}

const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache');
