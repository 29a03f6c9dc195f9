import type { FaultRule } from 'step-functions-local/faults';
import type { Dice } from './dice.ts';
import type { Change, Planted } from './scenario.ts';

/** Draws a change by another client, more often to an object with parts. */
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

/** Draws a fault of an invocation of a step. */
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
