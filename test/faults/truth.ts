import { createHash } from 'node:crypto';
import { type Status, statuses } from '../../core/model/statuses.ts';
import { bodyBefore, firstBody, foreignDigest, sha256, targetOf, versionsOf } from './contents.ts';
import type { Event } from './events.ts';
import { isExplained } from './explain.ts';
import { type Counts, nameOfChange } from './fired.ts';
import type { Found } from './found.ts';
import { isLeftOut } from './left-out.ts';
import { isOverwrittenUnseen, isPublishing } from './overwritten.ts';
import type { Change, Planted, Scenario } from './scenario.ts';
import { type Ended, statusOf } from './told.ts';

/** What is told of each object, held against the buckets and against what has happened to it. */
export function untrue(scenario: Scenario, found: Found): string[] {
  return [
    ...(hasDoubles(found.fired) ? [] : miscounted(found)),
    ...scenario.objects.flatMap((object) =>
      faultsOf(scenario, object, found).map((words) => `${JSON.stringify(object.key)} ${words}`),
    ),
  ];
}

/** Invocations that may still write when another has gone on: their results may come behind the report. */
const hasDoubles = (fired: Counts): boolean =>
  Object.keys(fired).some((name) => /^(twice|time-out) /.test(name));

/** The report and the list of failures have what the workers wrote, object by object. */
function miscounted({ report, told, failures }: Found): string[] {
  const ends = [...told].map(([key, results]): [string, Status] => [key, statusOf(results)]);
  const problems = statuses.flatMap((status) => {
    const count = ends.filter(([, each]) => each === status).length;
    return count === report?.[status]
      ? []
      : [`${count} objects are ${status}, and the report says ${report?.[status]}`];
  });
  const bad = ends.filter(([, status]) => status !== 'copied' && status !== 'vanished');
  const wanted = bad.map(([key, status]) => `${status} ${key}`).sort();
  const listed = failures
    .filter(({ status }) => status !== 'refused' && status !== 'missing')
    .map(({ sourceKey, status }) => `${status} ${sourceKey}`)
    .sort();
  if (wanted.join('\n') !== listed.join('\n'))
    problems.push(`failures.jsonl has ${JSON.stringify(listed)} instead of ${JSON.stringify(wanted)}`);
  return problems;
}

function faultsOf(scenario: Scenario, object: Planted, found: Found): string[] {
  const results = found.told.get(object.key);
  if (isLeftOut(scenario, object)) {
    const digest = found.content.get(targetOf(scenario, object.key));
    const before = bodyBefore(object);
    const isKept = digest === (before === undefined ? undefined : sha256(before));
    return results === undefined && isKept ? [] : ['was to be left as it is, and was not'];
  }
  if (results === undefined) return unplanned(scenario, object, found);
  const problems = results
    .filter((ended) => !isCaused(scenario, object, ended, found))
    .map(({ status, error, message }) => `is told to be ${status} without a cause: ${error}: ${message}`);
  if (isOverwrittenUnseen(scenario, object, found.events))
    problems.push('was written by somebody else, and overwritten without a look');
  if (results.length === 0 && Object.keys(found.fired).length === 0)
    problems.push('has no result, though nothing went wrong');
  if (statusOf(results) === 'copied') problems.push(...uncopied(scenario, object, found));
  return problems;
}

/** The source's bytes were there before. */
function unplanned(scenario: Scenario, object: Planted, { content }: Found): string[] {
  const digest = content.get(targetOf(scenario, object.key));
  const isSame = object.before === 'same' && digest === sha256(firstBody(object));
  return isSame ? [] : ['was not planned, and its destination is not the same'];
}

/** Whether somebody has done something to an object. */
const didTo =
  ({ key }: Planted, { fired }: Found) =>
  (kind: Change['kind']): boolean =>
    (fired[nameOfChange({ kind, key })] ?? 0) > 0;

/** Whether what a worker wrote of an object has happened to it. */
function isCaused(scenario: Scenario, object: Planted, ended: Ended, found: Found): boolean {
  const did = didTo(object, found);
  switch (ended.status) {
    case 'copied':
      return true;
    case 'vanished':
      return did('vanish');
    case 'changed':
      return did('change') || did('change-again');
    case 'archived':
      return did('archive');
    case 'conflict':
      return did('foreign') || isOfOlderVersion(scenario, object, found);
    case 'failed':
      return isExplained(scenario, object.key, ended.error ?? '', found.fired);
  }
}

/** What the run itself had copied before the source changed is not replaced either, when it must not overwrite. */
function isOfOlderVersion(scenario: Scenario, { key }: Planted, { events }: Found): boolean {
  const change = events.findLastIndex(
    (event) => event.is === 'change' && event.key === key && event.kind.startsWith('change'),
  );
  const before = change < 0 ? [] : events.slice(0, change);
  const target = targetOf(scenario, key);
  return scenario.request['overwrite'] === 'never' && before.some((event) => isPublishing(event, target));
}

/** A copy has the bytes of the version that its result names, unless somebody has written over it since. */
function uncopied(scenario: Scenario, object: Planted, found: Found): string[] {
  const { content, told, fired, events } = found;
  const target = targetOf(scenario, object.key);
  const digest = content.get(target);
  if (digest === undefined) return ['is told to be copied, and is not there'];
  if (digest === foreignDigest(object)) {
    const isOver = wasPublished(events, object.key, target);
    return isOver ? [] : ['is told to be copied, and only what somebody else wrote was ever there'];
  }
  const version = versionsOf(object, didTo(object, found)).find((body) => sha256(body) === digest);
  if (version === undefined) return ['is told to be copied, and has bytes of no version of the source'];
  // A double may copy another version than the one whose result counts.
  if (hasDoubles(fired)) return [];
  const etags = (told.get(object.key) ?? []).flatMap(({ sourceEtag }) => sourceEtag ?? []);
  const isNamed = etags.length === 0 || etags.some((etag) => isEtagOf(etag, version));
  return isNamed ? [] : [`has another version than that of ${etags.join(' and ')}, which is told`];
}

/** Objects in parts have ETags that only the store knows: these are told apart from those of simple writes. */
function isEtagOf(etag: string, body: Buffer): boolean {
  const md5 = createHash('md5').update(body).digest('hex');
  return etag === md5 || etag.includes('-');
}

/** Whether a write of the functions came to the target before the last of somebody else's did. */
function wasPublished(events: readonly Event[], key: string, target: string): boolean {
  const last = events.findLastIndex(
    (event) => event.is === 'change' && event.kind === 'foreign' && event.key === key,
  );
  return events.slice(0, last).some((event) => isPublishing(event, target));
}
