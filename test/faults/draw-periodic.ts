import type { Rule } from 'sandbox-s3/rule';
import type { FaultRule } from 'step-functions-local/faults';
import { stepNames } from '../../core/model/steps.ts';
import { escapeGlob, toTargetKey } from './contents.ts';
import type { Dice } from './dice.ts';
import { drawChange, drawInvocation } from './draw-each.ts';
import { excluded } from './left-out.ts';
import { buckets, type Change, type Planted, type Scenario } from './scenario.ts';

/**
 * Adds what every nth seed has, so that a campaign of twenty seeds has all of it. It uses its own dice, so that the other
 * draws of a seed do not change.
 */
export function drawPeriodic(dice: Dice, plain: Scenario): Scenario {
  const isTurn = (every: number, at: number): boolean => plain.seed % every === at;
  const all = [...plain.objects, ...moreObjects(isTurn)];
  const mode: Record<string, unknown> = {
    ...(isTurn(6, 1) ? { overwrite: 'never' } : {}),
    ...(isTurn(6, 3) ? { exclude: [excluded.glob] } : {}),
    ...(isTurn(5, 2) ? { tempPrefix: 'part files+/' } : {}),
  };
  const isOld = plain.request['verify'] === 'required' && dice.chance(0.5);
  const objects = isOld ? all.map((object) => (object.parts > 0 ? { ...object, isOld } : object)) : all;
  const changes = [...plain.changes, ...(isTurn(6, 4) ? certainChanges : [])];
  const more = { ...plain, objects, changes, request: { ...plain.request, ...mode } };
  const placed = isTurn(3, 0) ? inFolder(more, dice.one(['folder', 'its content'])) : more;
  return {
    ...placed,
    isSourceVersioned: dice.chance(0.3),
    faults: [...placed.faults, ...moreFaults(dice, placed, isTurn)],
    changes: [...placed.changes, ...changesAgain(dice, placed.changes), ...laterChanges(dice, placed)],
    invocations: [
      ...placed.invocations,
      ...dice.some(stepNames, 2).map((step) => ({ ...drawInvocation(dice, step), attempt: 1 })),
      ...drawOverlaps(dice, isTurn),
    ],
    ...(isTurn(4, 1) ? { givesUpAfter: dice.below(2) } : {}),
  };
}

/** A source that changes twice while it is copied, and a target that another client writes just before its copy. */
const certainChanges: readonly Change[] = [
  { key: 'key-0', kind: 'change', skip: 0, times: 1 },
  { key: 'key-0', kind: 'change-again', skip: 1, times: 1 },
  { key: 'key-2', kind: 'foreign', skip: 0, times: 1 },
];

type Turn = (every: number, at: number) => boolean;

/** Objects with parts and unusual keys, and simple objects with keys like those of part files. */
const moreObjects = (isTurn: Turn): Planted[] => [
  ...(isTurn(4, 0) ? [{ key: 'x//ü+y z%20/日本', parts: 2 }] : []),
  ...(isTurn(4, 2) ? [{ key: 'part/parts/temp-00001', parts: 2 }] : []),
  ...(isTurn(3, 1)
    ? [
        { key: 'temp/plain', parts: 0 },
        { key: 'temp/x/parts/part-00001', parts: 0 },
      ]
    : []),
];

/** Moves the source into a folder. Either the folder or only its content is copied. */
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

/** Operations whose responses are truncated. */
const copies = ['CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'];

function moreFaults(dice: Dice, scenario: Scenario, isTurn: Turn): Rule[] {
  const by = { principal: 'local' };
  const rules: Rule[] = [];
  if (isTurn(5, 0)) {
    const code = dice.one(['InternalError', 'ServiceUnavailable']);
    rules.push({ ...by, kind: 'fail', code, skip: dice.below(60), times: 10 + dice.below(20) });
  }
  if (isTurn(5, 1)) {
    rules.push({ ...by, kind: 'throttle', requestsPerSecond: 3, per: 'folder', operation: 'CopyObject' });
  }
  if (isTurn(5, 2)) rules.push({ ...by, kind: 'truncate', operation: copies, probability: 0.1, times: 6 });
  if (isTurn(5, 4)) {
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
  if (isTurn(5, 3)) {
    const { key } = dice.one(scenario.objects);
    const target = escapeGlob(toTargetKey(scenario, key));
    rules.push({ ...by, kind: 'deny', action: 's3:PutObject', bucket: buckets.destination, key: target });
  }
  return rules;
}

/** Draws faults after which two workers copy at the same time. */
function drawOverlaps(dice: Dice, isTurn: Turn): FaultRule[] {
  const by = { function: 's3copy-copy-objects', calls: 1 };
  if (isTurn(5, 4)) return [{ ...by, fault: { kind: 'time-out', afterMillis: dice.below(60) } }];
  return isTurn(7, 5) ? [{ ...by, fault: { kind: 'twice' } }] : [];
}

/** Draws second changes of a source, so that its second copy is refused too. */
const changesAgain = (dice: Dice, changes: readonly Change[]): Change[] =>
  changes
    .filter(({ kind }) => kind === 'change' && dice.chance(0.6))
    .map((change) => ({ ...change, kind: 'change-again', skip: change.skip + 1 }));

/** Draws changes by other clients during a redrive. */
const laterChanges = (dice: Dice, { objects }: Scenario): Change[] =>
  Array.from({ length: dice.below(3) }, () => ({ ...drawChange(dice, objects), attempt: 1 + dice.below(2) }));
