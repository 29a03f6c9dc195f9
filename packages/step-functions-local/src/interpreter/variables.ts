import type { JsonObject } from '../json.ts';
import { VariableLimits } from '../limits.ts';
import type { Frame } from './frame.ts';
import { countBytes } from './variable-space.ts';

/**
 * Assigns variables: at most 256 KiB in one Assign, and 10 MiB in the whole execution.
 *
 * @throws {StateError} `States.DataLimitExceeded`
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
 */
export function assignVariables(frame: Frame, assigned: JsonObject): void {
  if (Object.keys(assigned).length === 0) return;
  const variables = { ...frame.variables, ...assigned };
  const bytes = countBytes(assigned);
  const total = frame.run.variables.bytesWith(frame.path, variables);
  if (bytes > VariableLimits.variableBytes || total > VariableLimits.totalBytes) {
    throw frame.failure(
      'States.DataLimitExceeded',
      `The variables assigned by the state '${frame.state}' have ${bytes} bytes (${total} in the whole execution), which exceeds the service limit.`,
    );
  }
  frame.variables = variables;
  frame.run.variables.set(frame.path, variables);
}
