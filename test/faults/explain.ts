import { targetOf } from './contents.ts';
import type { Counts } from './fired.ts';
import type { Scenario } from './scenario.ts';

/** Errors of ours, and what must have been asked for to meet them. */
const ownErrors: Readonly<Record<string, (scenario: Scenario) => boolean>> = {
  UnprovenError: ({ request }) => request['verify'] === 'required',
};

/** Whether a fault that has happened explains the failure of an object. */
export function isExplained(scenario: Scenario, key: string, error: string, fired: Counts): boolean {
  const own = ownErrors[error];
  if (own !== undefined) return own(scenario);
  const names = Object.keys(fired);
  const began = (...words: readonly string[]) =>
    names.some((name) => words.some((word) => name.startsWith(word)));
  switch (error) {
    case 'AccessDenied':
    case 'NotFoundOrDenied':
      return [key, targetOf(scenario, key)].some((denied) =>
        names.some((name) => name.startsWith('deny ') && name.endsWith(` ${denied}`)),
      );
    // Of an object that is copied in parts of its own workflow, which the next pass may copy as it is now.
    case 'SourceChanged':
      return began(`change ${key}`, `change-again ${key}`);
    case 'SlowDown':
    case 'ServiceUnavailable':
      // A HEAD has no body that would tell the one from the other.
      return began('SlowDown', 'ServiceUnavailable');
    case 'InternalError':
      return began('InternalError');
    default:
      return began('reset', 'truncate');
  }
}
