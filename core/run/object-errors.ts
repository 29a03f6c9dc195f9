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

/** Only the size of the copy could be compared, and the copy request wants a proof. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError' satisfies ObjectErrorName;
}

/** Makes the error of an object whose copy could be compared only by size. */
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
 * Turns the error of a copy into the outcome of its object.
 *
 * @throws any error that does not come from S3 or from a proof: it is a defect of s3copy, and ends the task
 */
export function toFailedOutcome(error: unknown): Outcome {
  const isOurs =
    error instanceof ProofError || error instanceof UnprovenError || error instanceof LayoutError;
  if (isOurs) {
    return { status: 'failed', error: error.name, message: error.message, passing: false };
  }
  // A second look found the source unchanged, or could not find out.
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
