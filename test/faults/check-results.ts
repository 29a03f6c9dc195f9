import { createHash } from 'node:crypto';
import { type Status, statuses } from '../../core/model/statuses.ts';
import { bodyBefore, createVersions, firstBody, foreignDigest, sha256, toTargetKey } from './contents.ts';
import type { Event } from './events.ts';
import { isExplained } from './explain.ts';
import { type Counts, nameChange } from './fault-counter.ts';
import type { Found } from './found.ts';
import { isLeftOut } from './left-out.ts';
import { isOverwrittenUnseen, isPublishing } from './overwritten.ts';
import { chooseStatus, type Result } from './results.ts';
import type { Change, Planted, Scenario } from './scenario.ts';

/** Compares the result of each object with the buckets and with what happened to the object. */
export function checkResults(scenario: Scenario, found: Found): string[] {
  return [
    ...(hasOverlaps(found.fired) ? [] : checkCounts(found)),
    ...scenario.objects.flatMap((object) =>
      checkObject(scenario, object, found).map((words) => `${JSON.stringify(object.key)} ${words}`),
    ),
  ];
}

/** Whether invocations could overlap. The result of one may then come after the report. */
const hasOverlaps = (fired: Counts): boolean =>
  Object.keys(fired).some((name) => /^(twice|time-out) /.test(name));

/** Compares the report and the list of failures with the results of the workers. */
function checkCounts({ report, results, failures }: Found): string[] {
  const ends = [...results].map(([key, each]): [string, Status] => [key, chooseStatus(each)]);
  const problems = statuses.flatMap((status) => {
    const count = ends.filter(([, each]) => each === status).length;
    return count === report?.[status]
      ? []
      : [`${count} objects are ${status}, but the report has ${report?.[status]}`];
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

function checkObject(scenario: Scenario, object: Planted, found: Found): string[] {
  const results = found.results.get(object.key);
  if (isLeftOut(scenario, object)) {
    const digest = found.content.get(toTargetKey(scenario, object.key));
    const before = bodyBefore(object);
    const isKept = digest === (before === undefined ? undefined : sha256(before));
    return results === undefined && isKept ? [] : ['was changed, although it is excluded'];
  }
  if (results === undefined) return checkUnplanned(scenario, object, found);
  const problems = results
    .filter((ended) => !isCaused(scenario, object, ended, found))
    .map(
      ({ status, error, message }) =>
        `has the result ${status}, but nothing happened that causes it: ${error}: ${message}`,
    );
  if (isOverwrittenUnseen(scenario, object, found.events))
    problems.push('was written by another client and overwritten without a check');
  if (results.length === 0 && Object.keys(found.fired).length === 0)
    problems.push('has no result, although no fault happened');
  if (chooseStatus(results) === 'copied') problems.push(...checkCopied(scenario, object, found));
  return problems;
}

/** An object that is not planned must already be the same at the destination. */
function checkUnplanned(scenario: Scenario, object: Planted, { content }: Found): string[] {
  const digest = content.get(toTargetKey(scenario, object.key));
  const isSame = object.before === 'same' && digest === sha256(firstBody(object));
  return isSame ? [] : ['was not planned, although its destination differs'];
}

/** Whether a change by another client happened to an object. */
const didTo =
  ({ key }: Planted, { fired }: Found) =>
  (kind: Change['kind']): boolean =>
    (fired[nameChange({ kind, key })] ?? 0) > 0;

/** Whether something happened to an object that causes its result. */
function isCaused(scenario: Scenario, object: Planted, ended: Result, found: Found): boolean {
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
      return did('foreign') || isOlderCopy(scenario, object, found);
    case 'failed':
      return isExplained(scenario, object.key, ended.error ?? '', found.fired);
  }
}

/** Whether the run copied the object before the source changed. With `overwrite: never` it does not replace that copy. */
function isOlderCopy(scenario: Scenario, { key }: Planted, { events }: Found): boolean {
  const change = events.findLastIndex(
    (event) => event.kind === 'change' && event.key === key && event.change.startsWith('change'),
  );
  const before = change < 0 ? [] : events.slice(0, change);
  const target = toTargetKey(scenario, key);
  return scenario.request['overwrite'] === 'never' && before.some((event) => isPublishing(event, target));
}

/** A copy must have the bytes of the version in its result, unless another client overwrote it later. */
function checkCopied(scenario: Scenario, object: Planted, found: Found): string[] {
  const { content, results, fired, events } = found;
  const target = toTargetKey(scenario, object.key);
  const digest = content.get(target);
  if (digest === undefined) return ['has the result copied, but is not at the destination'];
  if (digest === foreignDigest(object)) {
    const isOver = wasPublished(events, object.key, target);
    return isOver ? [] : ['has the result copied, but the run never wrote the target'];
  }
  const version = createVersions(object, didTo(object, found)).find((body) => sha256(body) === digest);
  if (version === undefined)
    return ['has the result copied, but its bytes belong to no version of the source'];
  // An overlapping invocation may copy another version than the one in the result.
  if (hasOverlaps(fired)) return [];
  const etags = (results.get(object.key) ?? []).flatMap(({ sourceEtag }) => sourceEtag ?? []);
  const isNamed = etags.length === 0 || etags.some((etag) => matchesEtag(etag, version));
  return isNamed ? [] : [`has another version than its result, which has the ETag ${etags.join(' or ')}`];
}

/** Whether an ETag can belong to these bytes. The ETags of multipart objects are not computed here. */
function matchesEtag(etag: string, body: Buffer): boolean {
  const md5 = createHash('md5').update(body).digest('hex');
  return etag === md5 || etag.includes('-');
}

/** Whether the functions wrote the target before the last write of another client. */
function wasPublished(events: readonly Event[], key: string, target: string): boolean {
  const last = events.findLastIndex(
    (event) => event.kind === 'change' && event.change === 'foreign' && event.key === key,
  );
  return events.slice(0, last).some((event) => isPublishing(event, target));
}
