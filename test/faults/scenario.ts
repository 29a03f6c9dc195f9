import type { Rule } from '../../local/s3/rules/rule.ts';
import type { FaultRule } from '../../local/step-functions/lambda/faults.ts';
import { seededRandom } from '../../local/step-functions/random.ts';

/** An object of the source as the campaign makes it. */
export interface Planted {
  readonly key: string;
  /** Parts of 5 MiB, the last of a few bytes; 0 for a simple object. */
  readonly parts: number;
}

/** What somebody else does to an object during the run. */
export interface Change {
  readonly key: string;
  /** At the source: `vanish`, `change`, `archive`; `foreign` writes its key at the destination. */
  readonly kind: 'vanish' | 'change' | 'archive' | 'foreign';
  /** Requests on the object that come before it, and how often it happens then. */
  readonly skip: number;
  readonly times: number;
}

/** All that one seed decides. */
export interface Scenario {
  readonly seed: number;
  readonly objects: readonly Planted[];
  readonly request: Readonly<Record<string, unknown>>;
  /** Faults that pass by themselves or are healed after some redrives. */
  readonly faults: readonly Rule[];
  /** What happens to objects meanwhile, by whoever else. */
  readonly changes: readonly Change[];
  readonly invocations: readonly FaultRule[];
  /** Requests of S3 after which the process is killed, one an attempt. */
  readonly kills: readonly number[];
}

/** Draws from a seed. */
class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  one<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  some<T>(values: readonly T[], most: number): T[] {
    return Array.from({ length: this.below(most + 1) }, () => this.one(values));
  }
}

/** Names of the buckets of every scenario. */
export const buckets = { source: 'source', destination: 'destination' } as const;

const awkward = [
  'a b',
  'a+b',
  'a%20b',
  'ü/日本',
  '😀',
  'x//y',
  'dir/',
  'q?x=1#y',
  'tab\there',
  'quote\'"&<>',
];
const steps = [
  'prepare',
  'plan',
  'copy-objects',
  'open-object',
  'stage-1',
  'stage-2',
  'finalize-object',
  'reconcile',
  'delete-objects',
  'report',
];
const writes = [
  'CopyObject',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'CreateMultipartUpload',
  'PutObject',
];
const reads = ['ListObjectsV2', 'HeadObject', 'GetObject', 'ListParts'];

/** Draws the scenario of a seed; the same seed gives the same. */
export function draw(seed: number): Scenario {
  const dice = new Dice(seed);
  const objects = drawObjects(dice);
  return {
    seed,
    objects,
    request: drawRequest(dice),
    faults: drawFaults(dice, objects),
    changes: drawChanges(dice, objects),
    invocations: dice.some(steps, 4).map((step) => drawInvocation(dice, step)),
    kills: Array.from({ length: dice.below(3) }, () => 5 + dice.below(150)),
  };
}

function drawObjects(dice: Dice): Planted[] {
  const small = Array.from({ length: 5 + dice.below(30) }, (_, n) => ({ key: `key-${n}`, parts: 0 }));
  const odd = awkward.filter(() => dice.chance(0.4)).map((key) => ({ key, parts: 0 }));
  const parts = Array.from({ length: dice.below(2) }, (_, n) => ({ key: `parts-${n}`, parts: 2 }));
  const big = dice.chance(0.5) ? [{ key: 'big/one', parts: 5 }] : [];
  return [...small, ...odd, ...parts, ...big];
}

const drawRequest = (dice: Dice): Record<string, unknown> => ({
  src: `s3://${buckets.source}`,
  dest: `s3://${buckets.destination}${dice.one(['', '/folder'])}`,
  partSize: '5MiB',
  fanOutAbove: '15MiB',
  keepParts: dice.chance(0.7),
  concurrency: dice.one([1, 4, 40]),
  workers: dice.one([1, 3, 8]),
  overwrite: dice.one(['ifUnchanged', 'ifUnchanged', 'always']),
});

function drawFaults(dice: Dice, objects: readonly Planted[]): Rule[] {
  const by = { principal: 'local' };
  const rules: Rule[] = [];
  const operations = () => dice.some([...writes, ...reads], 3);
  for (const operation of operations()) {
    const when = dice.one(['before', 'after'] as const);
    rules.push({ ...by, kind: 'reset', operation, probability: 0.05, when, times: 5 });
  }
  for (const operation of operations()) {
    const code = dice.one(['SlowDown', 'InternalError', 'ServiceUnavailable']);
    const inside = writes.slice(0, 3).includes(operation) && dice.chance(0.5);
    const when = inside ? 'before' : dice.one(['before', 'after'] as const);
    rules.push({ ...by, kind: 'fail', operation, code, probability: 0.1, times: 8, inside, when });
  }
  if (dice.chance(0.3))
    rules.push({ ...by, kind: 'truncate', operation: reads.slice(0, 3), probability: 0.03, times: 4 });
  if (dice.chance(0.3)) rules.push({ ...by, kind: 'latency', milliseconds: 1, spread: 20, probability: 0.3 });
  if (dice.chance(0.2))
    rules.push({ ...by, kind: 'throttle', requestsPerSecond: 150, operation: 'CopyObject' });
  for (const { key } of dice.some(objects, 2)) {
    rules.push({ ...by, kind: 'deny', action: 's3:GetObject', bucket: buckets.source, key });
  }
  return rules;
}

function drawChanges(dice: Dice, objects: readonly Planted[]): Change[] {
  const inParts = objects.filter(({ parts }) => parts > 0);
  return Array.from({ length: dice.below(5) }, () => {
    const { key, parts } = dice.one(inParts.length > 0 && dice.chance(0.5) ? inParts : objects);
    return {
      key,
      kind: dice.one(['vanish', 'change', 'archive', 'foreign'] as const),
      skip: dice.below(parts + 1),
      times: 1 + dice.below(3),
    };
  });
}

function drawInvocation(dice: Dice, step: string): FaultRule {
  const kinds = [
    { kind: 'die-before' },
    { kind: 'die-during', afterMillis: dice.below(60) },
    { kind: 'die-after' },
    { kind: 'time-out', afterMillis: dice.below(60) },
    { kind: 'twice' },
    { kind: 'throttle' },
  ] as const;
  return { function: `s3copy-${step}`, calls: 1 + dice.below(3), fault: dice.one(kinds) };
}
