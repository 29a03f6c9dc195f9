import { createHash } from 'node:crypto';
import { ApiError } from './errors.ts';
import { Quotas } from './limits.ts';

/** The parts of a state machine's ARN that other ARNs are made of. */
export interface StateMachineAddress {
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

const stateMachineArnPattern = /^arn:(aws[a-z-]*):states:([a-z0-9-]+):([0-9]{12}):stateMachine:([^:/]+)$/;

/** Splits the ARN of a state machine into its parts. */
export function parseStateMachineArn(arn: string): StateMachineAddress {
  const [, partition, region, account, name] = stateMachineArnPattern.exec(arn) ?? [];
  if (!partition || !region || !account || !name)
    throw new Error(
      `"${arn}" is not the ARN of a state machine. Use arn:aws:states:<region>:<account>:stateMachine:<name>.`,
    );
  return { arn, partition, region, account, name };
}

const prefix = (of: StateMachineAddress) => `arn:${of.partition}:states:${of.region}:${of.account}`;

/** `arn:…:execution:<machine>:<name>`. */
export function executionArn(of: StateMachineAddress, name: string): string {
  return `${prefix(of)}:execution:${of.name}:${name}`;
}

/** `arn:…:execution:<machine>/<label>:<name>`: a child execution of a Distributed Map. */
export function childExecutionArn(of: StateMachineAddress, label: string, name: string): string {
  return `${prefix(of)}:execution:${of.name}/${label}:${name}`;
}

/** `arn:…:stateMachine:<machine>/<label>`: the state machine of a child execution. */
export function childStateMachineArn(of: StateMachineAddress, label: string): string {
  return `${of.arn}/${label}`;
}

/** `arn:…:mapRun:<machine>/<label>:<id>`. */
export function mapRunArn(of: StateMachineAddress, label: string, id: string): string {
  return `${prefix(of)}:mapRun:${of.name}/${label}:${id}`;
}

/** The label of a Distributed Map that has none in the definition. Equal state names give equal labels. */
export function generatedLabel(stateName: string): string {
  return createHash('sha256').update(stateName).digest('hex').slice(0, 36);
}

/**
 * Matches a character that names and labels must not contain: white space, brackets, wildcards,
 * `" # % \ ^ | ~ $ & , ; : /`, backtick, control characters, U+FFFE, U+FFFF, and all characters above U+FFFF, such as
 * emoji.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (read 2026-11-22)
 */
export const forbiddenInNames = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF\u{10000}-\u{10FFFF}]/u;

/**
 * Checks the name of an execution.
 *
 * @throws {ApiError} `InvalidName`
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (read 2026-11-22)
 */
export function checkExecutionName(name: string): void {
  if (name.length < 1 || name.length > Quotas.nameCharacters || forbiddenInNames.test(name)) {
    throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
  }
}
