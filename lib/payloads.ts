import { formatVersion } from '../core/model/task-inputs.ts';

/** Version that every payload between tasks carries. */
export const versioned = { v: formatVersion } as const;

/**
 * How a task inside a child is called again. The number of calls is in the state's data, with the batch:
 * a child has no variables, since a state that only sets them is not run again by a redrive.
 */

/** Payload of a task that works on one batch. */
export const batchPayload = {
  ...versioned,
  run: '{% $states.input.run %}',
  pass: '{% $states.input.pass %}',
  batch: '{% $states.input.batch %}',
} as const;

/** Output of a task that may be called again: its input with what remains, and one call more while it does. */
export const calledAgain =
  '{% $merge([$states.input, {"remaining": $states.result.Payload.remaining, "calls": $states.result.Payload.remaining > 0 ? $states.input.calls + 1 : 0}]) %}';

/** Whether the task before has nothing left to do. */
export const nothingRemains = '{% $states.input.remaining = 0 %}';

/** Whether the task before has something left to do, and calls left to do it. */
export const mayCallAgain = (maxCalls: number): string =>
  `{% $states.input.remaining > 0 and $states.input.calls < ${maxCalls} %}`;
