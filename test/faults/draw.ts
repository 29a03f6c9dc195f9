import type { Rule } from 'sandbox-s3/rule';
import { stepNames } from '../../core/model/steps.ts';
import { Dice } from './dice.ts';
import { drawChange, drawInvocation } from './draw-each.ts';
import { drawPeriodic } from './draw-periodic.ts';
import {
  type Before,
  buckets,
  type Change,
  type Planted,
  type Properties,
  type Scenario,
} from './scenario.ts';

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
const writes = [
  'CopyObject',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'CreateMultipartUpload',
  'PutObject',
];
const reads = ['ListObjectsV2', 'HeadObject', 'GetObject', 'ListParts'];

/** Operations that clean up or handle properties. */
const others = [
  'AbortMultipartUpload',
  'DeleteObject',
  'DeleteObjects',
  'GetObjectTagging',
  'ListMultipartUploads',
  'ListObjectVersions',
  'PutObjectTagging',
];

/** Draws the scenario of a seed. The same seed always gives the same scenario. */
export function draw(seed: number): Scenario {
  const dice = new Dice(seed);
  const plain = drawObjects(dice);
  const request = drawRequest(dice);
  const faults = drawFaults(dice, plain);
  const changes = drawChanges(dice, plain);
  const invocations = dice.some(stepNames, 4).map((step) => drawInvocation(dice, step));
  const kills = Array.from({ length: dice.below(3) }, () => 5 + dice.below(150));
  const objects = plain.map((object) => drawDestination(dice, object));
  const extras = drawExtras(dice);
  const mode = drawMode(dice);
  // Some copies of old objects can be compared only by size.
  const isOld = mode['verify'] === 'best' && dice.chance(0.5);
  const scenario: Scenario = {
    seed,
    objects: objects.map((object) => (object.parts > 0 && isOld ? { ...object, isOld } : object)),
    extras,
    isVersioned: dice.chance(0.3),
    request: { ...request, ...mode },
    faults: [...faults, ...drawMoreFaults(dice, extras)],
    changes: [...changes, ...drawRevivals(dice, extras)],
    invocations,
    kills,
  };
  return drawPeriodic(new Dice(seed + 2 ** 20), scenario);
}

/** Adds what is at the destination before the run, and the properties of the source. */
function drawDestination(dice: Dice, object: Planted): Planted {
  const before = dice.chance(0.25)
    ? dice.one(object.parts === 0 ? earlierObjects : earlierObjects.slice(1))
    : undefined;
  const hasProperties = dice.chance(object.parts === 0 ? 0.2 : 0.7);
  return {
    ...object,
    ...(before === undefined ? {} : { before }),
    ...(hasProperties ? { properties: drawProperties(dice) } : {}),
  };
}

const earlierObjects: readonly Before[] = ['same', 'other', 'as-long'];

function drawProperties(dice: Dice): Properties {
  // Ten long tags are too long for the header of an upload, so they are written after the object is published.
  const long = Array.from({ length: 10 }, (_, n) => [`tag ${n}`, `${n}`.repeat(250)]);
  const short = [
    ['kind', 'a+b =/@'],
    ['ü', '日本'],
  ];
  return {
    metadata: { plain: 'a, b', encoded: 'a%20b' },
    tags: Object.fromEntries(dice.one([[], short, long])),
    storageClass: dice.one(['STANDARD', 'STANDARD_IA']),
  };
}

const drawExtras = (dice: Dice): string[] =>
  Array.from({ length: dice.one([0, 3, 9, 14]) }, (_, n) => (n % 4 === 3 ? `gone/ ${n}\t` : `gone-${n}`));

/** Draws how the run copies, verifies, preserves and deletes. */
const drawMode = (dice: Dice): Record<string, unknown> => ({
  strategy: dice.one(['staged', 'direct']),
  verify: dice.chance(0.2) ? 'required' : 'best',
  delete: dice.chance(0.5),
  maxDelete: { count: dice.one([1000, 1000, 5]), percent: dice.one([10, 100]) },
  preserve: ['metadata', 'tags', ...(dice.chance(0.5) ? ['storageClass'] : [])],
});

function drawMoreFaults(dice: Dice, extras: readonly string[]): Rule[] {
  const by = { principal: 'local', probability: 0.15, times: 4 };
  const rules: Rule[] = dice.some(others, 2).map((operation) => {
    const when = dice.one(['before', 'after'] as const);
    if (dice.chance(0.5)) return { ...by, kind: 'reset', operation, when };
    return { ...by, kind: 'fail', operation, when, code: dice.one(['SlowDown', 'InternalError']) };
  });
  if (dice.chance(0.2)) {
    const rate = { principal: 'local', requestsPerSecond: 10, per: 'folder' } as const;
    rules.push({ ...rate, kind: 'throttle', operation: dice.one(['CopyObject', 'HeadObject', 'PutObject']) });
  }
  if (dice.chance(0.4)) {
    const entries = dice.one([1, 3, 10]);
    rules.push({ kind: 'short-page', principal: 'local', bucket: dice.one(Object.values(buckets)), entries });
  }
  if (extras.length > 0 && dice.chance(0.2)) {
    const key = `*${dice.one(extras)}`;
    rules.push({
      kind: 'deny',
      action: 's3:DeleteObject',
      principal: 'local',
      bucket: buckets.destination,
      key,
    });
  }
  return rules;
}

const drawRevivals = (dice: Dice, extras: readonly string[]): Change[] =>
  extras.length > 0 && dice.chance(0.4)
    ? [{ key: dice.one(extras), kind: 'revive', skip: dice.below(2), times: 1 + dice.below(2) }]
    : [];

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
    const when = dice.one(['before', 'after'] as const);
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

const drawChanges = (dice: Dice, objects: readonly Planted[]): Change[] =>
  Array.from({ length: dice.below(5) }, () => drawChange(dice, objects));
