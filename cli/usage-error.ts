/** The command line is wrong. The message is all that a person needs to see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
