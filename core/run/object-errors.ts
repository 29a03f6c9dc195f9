import { adviceFor } from '../access/advice.ts';
import { CopyError, type ObjectErrorName } from '../model/errors.ts';
import { hasCode, S3Error } from '../s3/failures.ts';
import type { Outcome } from './copy-context.ts';

/** A copy whose own proof failed, or whose files are not what they must be. */
export class ProofError extends Error {
  override readonly name = 'ProofError' satisfies ObjectErrorName;

  /**
   * @param wrong what is not as it must be
   * @param advice what to try then: the same again would fail again
   */
  constructor(wrong: string, advice: string) {
    super(`${wrong}: ${advice}`);
  }
}

/** Of a server whose answers about one way to copy contradict each other, another way may be proven. */
export const tryOtherStrategy =
  'compare both objects, and start a new run with the other `strategy`, `staged` or `direct`';

/** The parts that were thought to be the source's make another ETag than the source's. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError' satisfies ObjectErrorName;
}

/** Nothing but its size could vouch for the copy, and the request wants more. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError' satisfies ObjectErrorName;
}

/** The error of an object that nothing but its size vouches for. */
export const unprovenError = (key: string): UnprovenError =>
  new UnprovenError(
    `${key} has neither a checksum nor an ETag that proves its copy; \`verify: required\` wants one: set \`partSize: source\`, or \`verify: best\``,
  );

/** The source is another version than the one whose parts were copied. */
export class SourceChangedError extends Error {
  override readonly name = 'SourceChanged' satisfies ObjectErrorName;
}

/** Whether a role of the request could not be taken on, which every other object would meet too. */
export const isRoleRefused = (error: unknown): error is CopyError =>
  error instanceof CopyError && error.name === 'PermissionError';

/**
 * The result of an object whose copy failed.
 *
 * @throws whatever is no failure of S3 or of a proof: that is a mistake of ours, and ends the task
 */
export function toFailedOutcome(error: unknown): Outcome {
  const isOurs =
    error instanceof ProofError || error instanceof UnprovenError || error instanceof LayoutError;
  if (isOurs) {
    return { status: 'failed', error: error.name, message: error.message, passing: false };
  }
  // A second look has found it as it was, or could not tell.
  if (error instanceof SourceChangedError)
    return { status: 'failed', error: error.name, message: error.message, passing: true };
  if (isRoleRefused(error))
    return { status: 'failed', error: error.name, message: error.message, passing: false };
  if (!(error instanceof S3Error)) throw error;
  const told = { error: error.code, message: error.message + adviceFor(error) };
  if (hasCode(error, 'InvalidObjectState', 'ObjectNotInActiveTierError'))
    return { status: 'archived', ...told };
  return { status: 'failed', ...told, passing: error.passing };
}
