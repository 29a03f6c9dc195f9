import { buckets, type Scenario } from './scenario.ts';

/**
 * The scenario that is killed at every request: objects of all three ways to be copied, and nothing else goes wrong.
 *
 * @param at the request of a function in the middle of which the process is killed; none when left out
 */
export const killScenario = (at?: number): Scenario => ({
  seed: 0,
  objects: [
    { key: 'simple', parts: 0 },
    { key: 'in one worker', parts: 2 },
    { key: 'fanned/out', parts: 4 },
  ],
  request: {
    src: `s3://${buckets.source}`,
    dest: `s3://${buckets.destination}`,
    partSize: '5MiB',
    fanOutAbove: '15MiB',
    keepParts: at === undefined || at % 2 === 0,
    workers: 1,
    concurrency: 2,
  },
  faults: [],
  changes: [],
  invocations: [],
  kills: at === undefined ? [] : [at],
});
