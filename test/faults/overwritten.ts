import { targetOf } from './contents.ts';
import type { Event, Write } from './events.ts';
import type { Planted, Scenario } from './scenario.ts';

const publishing = ['CopyObject', 'CompleteMultipartUpload'];

/** Whether an event is a write of the functions to a target that has taken effect there. */
export const isPublishing = (event: Event, target: string): event is Write =>
  event.is === 'done' && event.key === target && publishing.includes(event.operation);

/**
 * Whether the functions wrote over what somebody else had written without having looked at the target since: what
 * they have seen they may overwrite, once.
 */
export function isOverwrittenUnseen(scenario: Scenario, object: Planted, events: readonly Event[]): boolean {
  if (scenario.request['overwrite'] === 'always') return false;
  const target = targetOf(scenario, object.key);
  const foreign = events.findIndex(
    (event) => event.is === 'change' && event.kind === 'foreign' && event.key === object.key,
  );
  if (foreign < 0) return false;
  return events
    .slice(foreign)
    .some((event) => isPublishing(event, target) && !hasLooked(events, foreign, event));
}

/** Whether somebody looked at the target between an event and the asking for a write. */
function hasLooked(events: readonly Event[], from: number, { attempt, id, key }: Write): boolean {
  const asked = events.findIndex(
    (event) => event.is === 'asked' && event.attempt === attempt && event.id === id,
  );
  return events
    .slice(from, Math.max(from, asked))
    .some((event) => event.is === 'asked' && event.operation === 'HeadObject' && event.key === key);
}
