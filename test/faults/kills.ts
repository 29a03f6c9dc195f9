import { buckets, type Scenario } from './scenario.ts';

/** The strategies of the runs that are killed. */
export const killedStrategies = ['staged', 'direct'] as const;
export type KilledStrategy = (typeof killedStrategies)[number];

/**
 * Creates the scenario that is killed at a request. It has objects for each way of copying and keys to delete, and no
 * other faults.
 *
 * @param at the number of the request during which the process is killed. @default never
 */
export const killScenario = (strategy: KilledStrategy, at?: number): Scenario => ({
  seed: 0,
  objects: [
    { key: 'simple', parts: 0, before: 'other' },
    { key: 'in one worker', parts: 2, properties },
    { key: 'fanned/out', parts: 4, before: 'as-long' },
  ],
  extras: ['gone', 'gone\t'],
  isVersioned: at !== undefined && at % 4 > 1,
  request: {
    src: `s3://${buckets.source}`,
    dest: `s3://${buckets.destination}`,
    partSize: '5MiB',
    fanOutAbove: '15MiB',
    strategy,
    keepParts: at === undefined || at % 2 === 0,
    delete: true,
    maxDelete: { count: 1000, percent: 10 },
    preserve: ['metadata', 'tags', 'storageClass'],
    workers: 1,
    concurrency: 2,
  },
  faults: [],
  changes: [],
  invocations: [],
  kills: at === undefined ? [] : [at],
});

const properties = {
  metadata: { plain: 'a, b' },
  // Too long for the header of an upload, so they are written after the object is published.
  tags: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`tag ${n}`, 'v'.repeat(250)])),
  storageClass: 'STANDARD_IA',
} as const;
