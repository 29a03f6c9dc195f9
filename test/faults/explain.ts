import { toTargetKey } from './contents.ts';
import type { Counts } from './fault-counter.ts';
import type { Scenario } from './scenario.ts';

/** Errors of s3copy itself, and the copy requests that can cause them. */
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
      return [key, toTargetKey(scenario, key)].some((denied) =>
        names.some((name) => name.startsWith('deny ') && name.endsWith(` ${denied}`)),
      );
    // A large object has this error when it changed during its workflow. The next pass may copy the new version.
    case 'SourceChanged':
      return began(`change ${key}`, `change-again ${key}`);
    case 'SlowDown':
    case 'ServiceUnavailable':
      // A response to HEAD has no body that shows which of them it is.
      return began('SlowDown', 'ServiceUnavailable');
    case 'InternalError':
      return began('InternalError');
    default:
      return began('reset', 'truncate');
  }
}
