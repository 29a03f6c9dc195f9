import { describe, expect, it } from 'vitest';
import { mostFunctions, workersFor } from '../../../core/rules/concurrency.ts';

describe('the functions that a run uses at once', () => {
  it.each([
    { why: 'nothing is planned', workers: 8, objects: 0, multipart: 0, most: 0 },
    { why: 'one batch of objects takes one worker', workers: 8, objects: 250, multipart: 0, most: 1 },
    { why: 'a large object takes five', workers: 8, objects: 0, multipart: 1, most: 5 },
    { why: 'both maps have all their workers', workers: 8, objects: 100_000, multipart: 50, most: 48 },
    {
      why: 'more workers are more in each map',
      workers: 200,
      objects: 10 ** 8,
      multipart: 500,
      most: 1_200,
    },
  ])('are $most with workers: $workers, when $why', ({ workers, objects, multipart, most }) => {
    const maps = { objects: { objects, bytes: 0 }, multipart: { objects: multipart, bytes: 0 } };

    expect(mostFunctions(workers, maps)).toBe(most);
  });

  it.each([
    { allowed: 1_000, workers: 166 },
    { allowed: 48, workers: 8 },
    { allowed: 47, workers: 7 },
    { allowed: 10, workers: 1 },
    { allowed: 3, workers: 1 },
  ])('all fit into $allowed with workers: $workers', ({ allowed, workers }) => {
    expect(workersFor(allowed)).toBe(workers);
  });
});
