import type { Arguments } from '../arguments.ts';
import type { Connection } from '../connection.ts';
import { type Settings, settingsOf } from '../settings.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The execution that a command names: by its ARN, or by its name, which is also the name of the run.
 *
 * @throws {UsageError} unless exactly one is named
 */
export function namedExecution({ words }: Arguments, command: string): string {
  const [name, ...others] = words;
  if (name !== undefined && others.length === 0) return name;
  throw new UsageError(`${command} takes one execution, by its ARN or name: s3copy ${command} EXECUTION`);
}

/**
 * Settings of a command for one execution, whose ARN names the state machine.
 *
 * @throws {UsageError} when `--state-machine` names another one
 */
export function settingsFor(execution: string, { given }: Arguments): Settings {
  const settings = settingsOf({ given });
  const stateMachineArn = stateMachineOf(execution);
  const named = given.get('state-machine');
  if (stateMachineArn !== undefined && named !== undefined && named !== stateMachineArn) {
    throw new UsageError(`--state-machine: ${named} is not the state machine of ${execution}`);
  }
  return { ...settings, stateMachineArn: stateMachineArn ?? settings.stateMachineArn };
}

/** The state machine of an execution's ARN; undefined for a mere name. */
function stateMachineOf(execution: string): string | undefined {
  const match = /^(arn:[\w-]+:states:[\w-]+:\d{12}:)execution:([^:]+):[^:]+$/.exec(execution);
  return match === null ? undefined : `${match[1]}stateMachine:${match[2]}`;
}

/** The ARN of an execution of the connected state machine. */
export const arnOf = ({ stateMachineArn }: Connection, execution: string): string =>
  execution.startsWith('arn:')
    ? execution
    : `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${execution}`;
