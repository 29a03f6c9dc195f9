import type { CopyErrorName } from '../core/model/errors.ts';

/** The exit codes of the command line. */
export const ExitCode = {
  /** Done; also a dry run of which the run would be. */
  done: 0,
  /** Something that should be at the destination is not, or in a dry run would not be. */
  incomplete: 1,
  /** The request or the command line is wrong, or the command line itself could not continue. */
  wrong: 2,
  /** The run itself broke. */
  broken: 3,
  /** Interrupted by the user. */
  interrupted: 130,
} as const;

/** Errors of an execution that stand for something else than a run that broke. */
const codes: Partial<Record<CopyErrorName, number>> = {
  ObjectsFailedError: ExitCode.incomplete,
  DeleteGuardError: ExitCode.incomplete,
  InvalidRequestError: ExitCode.wrong,
  BucketNotFoundError: ExitCode.wrong,
  PermissionError: ExitCode.wrong,
  PlanTooBigError: ExitCode.wrong,
};

/**
 * The exit code of an execution that has ended.
 *
 * @param error name of its error, when it did not succeed
 */
export function exitCodeOf(status: string | undefined, error: string | undefined): number {
  if (status === 'SUCCEEDED') return ExitCode.done;
  return (codes as Record<string, number | undefined>)[error ?? ''] ?? ExitCode.broken;
}
