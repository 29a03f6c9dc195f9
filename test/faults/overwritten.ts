import { toTargetKey } from './contents.ts';
import type { Event, RequestEvent } from './events.ts';
import type { Planted, Scenario } from './scenario.ts';

const publishing = ['CopyObject', 'CompleteMultipartUpload'];

/** Whether an event is a finished write of the functions to a target. */
export const isPublishing = (event: Event, target: string): event is RequestEvent =>
  event.kind === 'done' && event.key === target && publishing.includes(event.operation);

/**
 * Whether the functions overwrote the object of another client without having checked the target since. They may
 * overwrite what they have seen.
 */
export function isOverwrittenUnseen(scenario: Scenario, object: Planted, events: readonly Event[]): boolean {
  if (scenario.request['overwrite'] === 'always') return false;
  const target = toTargetKey(scenario, object.key);
  const foreign = events.findIndex(
    (event) => event.kind === 'change' && event.change === 'foreign' && event.key === object.key,
  );
  if (foreign < 0) return false;
  return events
    .slice(foreign)
    .some((event) => isPublishing(event, target) && !hasLooked(events, foreign, event));
}

/** Whether a function checked the target between an event and the request that writes. */
function hasLooked(events: readonly Event[], from: number, { attempt, id, key }: RequestEvent): boolean {
  const asked = events.findIndex(
    (event) => event.kind === 'asked' && event.attempt === attempt && event.id === id,
  );
  return events
    .slice(from, Math.max(from, asked))
    .some((event) => event.kind === 'asked' && event.operation === 'HeadObject' && event.key === key);
}
