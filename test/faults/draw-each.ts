import type { FaultRule } from 'step-functions-local/faults';
import type { Dice } from './dice.ts';
import type { Change, Planted } from './scenario.ts';

/** What somebody does to an object; to one in parts more often than not. */
export function drawChange(dice: Dice, objects: readonly Planted[]): Change {
  const inParts = objects.filter(({ parts }) => parts > 0);
  const { key, parts } = dice.one(inParts.length > 0 && dice.chance(0.5) ? inParts : objects);
  return {
    key,
    kind: dice.one(['vanish', 'change', 'archive', 'foreign'] as const),
    skip: dice.below(parts + 1),
    times: 1 + dice.below(3),
  };
}

/** How an invocation of a step breaks. */
export function drawInvocation(dice: Dice, step: string): FaultRule {
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
