import { createHash } from 'node:crypto';
import type { MutateRule } from 'sandbox-s3/rule';
import { MiB } from '../../core/model/limits.ts';
import { findTempFolder } from '../../core/model/part-files.ts';
import { buckets, type Change, type Planted, type Scenario } from './scenario.ts';

/** Creates a part of a planted object: 5 MiB, or a few bytes for the last part. All parts of all objects differ. */
export const partBody = ({ key, parts }: Planted, number: number, word = ''): Buffer =>
  Buffer.alloc(number === parts ? 9 : 5 * MiB, `${word}${number} ${key}`);

/** The bytes of an object when the run starts. */
export const firstBody = (object: Planted): Buffer => createBody(object, 'first', '');
/** The bytes that another client writes during the run. The size is the same, so that a mixed copy has the right size. */
const changedBody = (object: Planted): Buffer => createBody(object, 'other', 'x');
/** The bytes that another client writes the second time. */
const changedAgainBody = (object: Planted): Buffer => createBody(object, 'third', 'y');

/** Creates the bytes of all versions of a source object after changes by other clients. */
export const createVersions = (object: Planted, did: (kind: Change['kind']) => boolean): Buffer[] => [
  firstBody(object),
  ...(did('change') ? [changedBody(object)] : []),
  ...(did('change-again') ? [changedAgainBody(object)] : []),
];
/** The bytes that another client writes at the destination. */
const foreignBody = ({ key }: Planted): Buffer => Buffer.from(`foreign ${key}`);

/** The bytes of a target before the run. */
export function bodyBefore(object: Planted): Buffer | undefined {
  if (object.before === undefined) return undefined;
  if (object.before === 'same') return firstBody(object);
  if (object.before === 'other') return Buffer.from(`before ${object.key}, which is older`);
  return createBody(object, 'older', 'o');
}

/** The bytes of a key that is missing in the source, and those that another client writes there during the run. */
export const extraBody = (key: string): Buffer => Buffer.from(`extra ${key}`);
const revivedBody = (key: string): Buffer => Buffer.from(`revived ${key}`);

function createBody(object: Planted, simple: string, word: string): Buffer {
  if (object.parts === 0) return Buffer.from(`${simple} ${object.key}`);
  return Buffer.concat(Array.from({ length: object.parts }, (_, index) => partBody(object, index + 1, word)));
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const destinationFolder = ({ request }: Scenario): string =>
  String(request['dest']).endsWith('/folder') ? 'folder/' : '';

/** The prefix of the part files. */
export const getTempPrefix = ({ request }: Scenario): string => String(request['tempPrefix'] ?? 'temp/');

/** Whether a key is a part file. */
export const isTemp = (scenario: Scenario, key: string): boolean =>
  findTempFolder(getTempPrefix(scenario), key) !== undefined;

/** The target key of an object. */
export const toTargetKey = (scenario: Scenario, key: string): string =>
  destinationFolder(scenario) + key.slice(sourceFolder(scenario).length);

/** The prefix that target keys do not have: `from/` for the source `from/*`, and none for `from`. */
const sourceFolder = ({ request }: Scenario): string =>
  String(request['src']).endsWith('/*') ? 'from/' : '';

/** Keys at the destination that do not belong to the run and must not change. */
export const keysOutside = ({ request }: Scenario): string[] =>
  String(request['dest']).endsWith('/folder') ? ['aside', 'folder-2/aside'] : [];

/**
 * Returns the SHA-256 of all bytes that each destination key may have: those of its source or of other clients.
 *
 * @param changes the changes by other clients that happened or may happen
 */
export function allowedBytes(scenario: Scenario, changes = scenario.changes): Record<string, string[]> {
  const has = (key: string, kind: Change['kind']) =>
    changes.some((change) => change.key === key && change.kind === kind);
  const objects = scenario.objects.map((object) => {
    const bodies = [
      ...createVersions(object, (kind) => has(object.key, kind)),
      ...[bodyBefore(object) ?? []].flat(),
      ...(has(object.key, 'foreign') ? [foreignBody(object)] : []),
    ];
    return [toTargetKey(scenario, object.key), bodies.map(sha256)];
  });
  const extras = scenario.extras.map((key) => {
    const bodies = [extraBody(key), ...(has(key, 'revive') ? [revivedBody(key)] : [])];
    return [toTargetKey(scenario, key), bodies.map(sha256)];
  });
  return Object.fromEntries([
    ...objects,
    ...extras,
    ...keysOutside(scenario).map((key) => [key, [sha256(extraBody(key))]]),
  ]);
}

/** Escapes `*`, which matches any text in a rule. */
export const escapeGlob = (text: string): string => text.replaceAll('*', '\\*');

/** Creates the store rule of a change: it happens before a request that reads the object or writes its target. */
export function createRule(scenario: Scenario, { key, kind, skip, times }: Change): MutateRule {
  const by = { kind: 'mutate', principal: 'local', skip, times } as const;
  if (kind === 'revive') {
    const there = { bucket: buckets.destination, key: toTargetKey(scenario, key) };
    const change = { type: 'overwrite', body: revivedBody(key).toString() } as const;
    return {
      ...by,
      operation: ['DeleteObject', 'DeleteObjects'],
      bucket: there.bucket,
      target: there,
      change,
    };
  }
  const object = scenario.objects.find((each) => each.key === key) as Planted;
  const target = { bucket: buckets.source, key };
  if (kind === 'foreign') {
    const there = { bucket: buckets.destination, key: toTargetKey(scenario, key) };
    const operation = ['CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'];
    const change = { type: 'overwrite', body: foreignBody(object).toString() } as const;
    return { ...by, operation, bucket: there.bucket, key: escapeGlob(there.key), target: there, change };
  }
  const reading = { ...by, target, operation: ['CopyObject', 'UploadPartCopy'] };
  const copySource = escapeGlob(`${buckets.source}/${key}`);
  if (kind === 'vanish') return { ...reading, copySource, change: { type: 'delete' } };
  if (kind === 'archive')
    return { ...reading, copySource, change: { type: 'storage-class', storageClass: 'GLACIER' } };
  const body = (kind === 'change' ? changedBody : changedAgainBody)(object);
  return { ...reading, copySource, change: { type: 'overwrite', body: body.toString() } };
}

/** SHA-256 of the bytes that another client writes to a key that is missing in the source. */
export const revivedDigest = (key: string): string => sha256(revivedBody(key));

/** SHA-256 of the bytes that another client writes at the destination. */
export const foreignDigest = (object: Planted): string => sha256(foreignBody(object));
