import type { Rule } from 'sandbox-s3/rule';
import type { FaultRule } from 'step-functions-local/faults';
import { stepNames } from '../../core/model/steps.ts';
import { escapeGlob, targetOf } from './contents.ts';
import type { Dice } from './dice.ts';
import { drawChange, drawInvocation } from './draw-each.ts';
import { excluded } from './left-out.ts';
import { buckets, type Change, type Planted, type Scenario } from './scenario.ts';

/**
 * Adds what every nth seed has, so that a campaign of twenty has all of it; by dice of its own, so that what a
 * seed has drawn before stays as it was.
 */
export function drawMore(dice: Dice, plain: Scenario): Scenario {
  const turn = (every: number, at: number): boolean => plain.seed % every === at;
  const all = [...plain.objects, ...moreObjects(turn)];
  const mode: Record<string, unknown> = {
    ...(turn(6, 1) ? { overwrite: 'never' } : {}),
    ...(turn(6, 3) ? { exclude: [excluded.glob] } : {}),
    ...(turn(5, 2) ? { tempPrefix: 'part files+/' } : {}),
  };
  const isOld = plain.request['verify'] === 'required' && dice.chance(0.5);
  const objects = isOld ? all.map((object) => (object.parts > 0 ? { ...object, isOld } : object)) : all;
  const changes = [...plain.changes, ...(turn(6, 4) ? certainChanges : [])];
  const more = { ...plain, objects, changes, request: { ...plain.request, ...mode } };
  const placed = turn(3, 0) ? inFolder(more, dice.one(['folder', 'its content'])) : more;
  return {
    ...placed,
    isSourceVersioned: dice.chance(0.3),
    faults: [...placed.faults, ...moreFaults(dice, placed, turn)],
    changes: [...placed.changes, ...changesAgain(dice, placed.changes), ...laterChanges(dice, placed)],
    invocations: [
      ...placed.invocations,
      ...dice.some(stepNames, 2).map((step) => ({ ...drawInvocation(dice, step), attempt: 1 })),
      ...doubles(dice, turn),
    ],
    ...(turn(4, 1) ? { givesUpAfter: dice.below(2) } : {}),
  };
}

/** A source that changes between both looks at it, and a target that somebody writes when it is about to be copied. */
const certainChanges: readonly Change[] = [
  { key: 'key-0', kind: 'change', skip: 0, times: 1 },
  { key: 'key-0', kind: 'change-again', skip: 1, times: 1 },
  { key: 'key-2', kind: 'foreign', skip: 0, times: 1 },
];

type Turn = (every: number, at: number) => boolean;

/** Objects in parts under awkward keys, and ordinary ones where part files might be looked for. */
const moreObjects = (turn: Turn): Planted[] => [
  ...(turn(4, 0) ? [{ key: 'x//ü+y z%20/日本', parts: 2 }] : []),
  ...(turn(4, 2) ? [{ key: 'part/parts/temp-00001', parts: 2 }] : []),
  ...(turn(3, 1)
    ? [
        { key: 'temp/plain', parts: 0 },
        { key: 'temp/x/parts/part-00001', parts: 0 },
      ]
    : []),
];

/** The same scenario with its source below a folder, which goes along with its content or stays behind. */
function inFolder(scenario: Scenario, kind: 'folder' | 'its content'): Scenario {
  const into = (key: string): string => `from/${key}`;
  const renamed = <T extends { readonly key: string }>(each: T): T => ({ ...each, key: into(each.key) });
  return {
    ...scenario,
    objects: scenario.objects.map(renamed),
    extras: scenario.extras.map(into),
    changes: scenario.changes.map(renamed),
    faults: scenario.faults.map((rule) =>
      rule.kind === 'deny' && rule.bucket === buckets.source ? { ...rule, key: into(rule.key ?? '') } : rule,
    ),
    request: { ...scenario.request, src: `s3://${buckets.source}/from${kind === 'folder' ? '' : '/*'}` },
  };
}

/** Answers of these tell what was made. */
const copies = ['CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'];

function moreFaults(dice: Dice, scenario: Scenario, turn: Turn): Rule[] {
  const by = { principal: 'local' };
  const rules: Rule[] = [];
  if (turn(5, 0)) {
    const code = dice.one(['InternalError', 'ServiceUnavailable']);
    rules.push({ ...by, kind: 'fail', code, skip: dice.below(60), times: 10 + dice.below(20) });
  }
  if (turn(5, 1)) {
    rules.push({ ...by, kind: 'throttle', requestsPerSecond: 3, per: 'folder', operation: 'CopyObject' });
  }
  if (turn(5, 2)) rules.push({ ...by, kind: 'truncate', operation: copies, probability: 0.1, times: 6 });
  if (turn(5, 4)) {
    const operation = dice.one(copies);
    rules.push({
      ...by,
      kind: 'fail',
      operation,
      code: 'InternalError',
      inside: true,
      probability: 0.3,
      times: 4,
    });
  }
  if (turn(5, 3)) {
    const { key } = dice.one(scenario.objects);
    const target = escapeGlob(targetOf(scenario, key));
    rules.push({ ...by, kind: 'deny', action: 's3:PutObject', bucket: buckets.destination, key: target });
  }
  return rules;
}

/** Workers that copy beside another. */
function doubles(dice: Dice, turn: Turn): FaultRule[] {
  const by = { function: 's3copy-copy-objects', calls: 1 };
  if (turn(5, 4)) return [{ ...by, fault: { kind: 'time-out', afterMillis: dice.below(60) } }];
  return turn(7, 5) ? [{ ...by, fault: { kind: 'twice' } }] : [];
}

/** A source that changes between two looks at it, so that both are refused. */
const changesAgain = (dice: Dice, changes: readonly Change[]): Change[] =>
  changes
    .filter(({ kind }) => kind === 'change' && dice.chance(0.6))
    .map((change) => ({ ...change, kind: 'change-again', skip: change.skip + 1 }));

/** What others do while a redrive copies what was left. */
const laterChanges = (dice: Dice, { objects }: Scenario): Change[] =>
  Array.from({ length: dice.below(3) }, () => ({ ...drawChange(dice, objects), attempt: 1 + dice.below(2) }));
