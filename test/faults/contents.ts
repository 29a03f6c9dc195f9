import { createHash } from 'node:crypto';
import type { MutateRule } from 'sandbox-s3/rule';
import { MiB } from '../../core/model/limits.ts';
import { tempFolderOf } from '../../core/model/part-files.ts';
import { buckets, type Change, type Planted, type Scenario } from './scenario.ts';

/** One part of a planted object: 5 MiB, the last a few bytes. Each part of each object has its own bytes. */
export const partBody = ({ key, parts }: Planted, number: number, word = ''): Buffer =>
  Buffer.alloc(number === parts ? 9 : 5 * MiB, `${word}${number} ${key}`);

/** What an object has when the run starts. */
export const firstBody = (object: Planted): Buffer => bodyOf(object, 'first', '');
/** What somebody writes over it meanwhile: as many bytes, so that a mixed object would have the right size. */
const changedBody = (object: Planted): Buffer => bodyOf(object, 'other', 'x');
/** And when they do so once more. */
const changedAgainBody = (object: Planted): Buffer => bodyOf(object, 'third', 'y');

/** All that an object of the source has been, when others have done this to it. */
export const versionsOf = (object: Planted, did: (kind: Change['kind']) => boolean): Buffer[] => [
  firstBody(object),
  ...(did('change') ? [changedBody(object)] : []),
  ...(did('change-again') ? [changedAgainBody(object)] : []),
];
/** What somebody else writes at the destination. */
const foreignBody = ({ key }: Planted): Buffer => Buffer.from(`foreign ${key}`);

/** What a target has before the run. */
export function bodyBefore(object: Planted): Buffer | undefined {
  if (object.before === undefined) return undefined;
  if (object.before === 'same') return firstBody(object);
  if (object.before === 'other') return Buffer.from(`before ${object.key}, which is older`);
  return bodyOf(object, 'older', 'o');
}

/** What a key has that the source lacks, and what somebody writes over it meanwhile. */
export const extraBody = (key: string): Buffer => Buffer.from(`extra ${key}`);
const revivedBody = (key: string): Buffer => Buffer.from(`revived ${key}`);

function bodyOf(object: Planted, simple: string, word: string): Buffer {
  if (object.parts === 0) return Buffer.from(`${simple} ${object.key}`);
  return Buffer.concat(Array.from({ length: object.parts }, (_, index) => partBody(object, index + 1, word)));
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const folderOf = ({ request }: Scenario): string =>
  String(request['dest']).endsWith('/folder') ? 'folder/' : '';

/** Where part files go. */
export const tempPrefixOf = ({ request }: Scenario): string => String(request['tempPrefix'] ?? 'temp/');

/** Whether a key is one of the part files, which are no copies. */
export const isTemp = (scenario: Scenario, key: string): boolean =>
  tempFolderOf(tempPrefixOf(scenario), key) !== undefined;

/** Where an object goes. */
export const targetOf = (scenario: Scenario, key: string): string =>
  folderOf(scenario) + key.slice(baseOf(scenario).length);

/** What keys lose on their way: of `from/*` the folder, of `from` nothing. */
const baseOf = ({ request }: Scenario): string => (String(request['src']).endsWith('/*') ? 'from/' : '');

/** What is at the destination outside the scope of a run, and stays whatever happens. */
export const outside = ({ request }: Scenario): string[] =>
  String(request['dest']).endsWith('/folder') ? ['aside', 'folder-2/aside'] : [];

/**
 * SHA-256 of all bytes that each destination key may have: those of a version of its source, or that others wrote.
 *
 * @param changes what others have done, or may do
 */
export function allowedBytes(scenario: Scenario, changes = scenario.changes): Record<string, string[]> {
  const has = (key: string, kind: Change['kind']) =>
    changes.some((change) => change.key === key && change.kind === kind);
  const objects = scenario.objects.map((object) => {
    const bodies = [
      ...versionsOf(object, (kind) => has(object.key, kind)),
      ...[bodyBefore(object) ?? []].flat(),
      ...(has(object.key, 'foreign') ? [foreignBody(object)] : []),
    ];
    return [targetOf(scenario, object.key), bodies.map(sha256)];
  });
  const extras = scenario.extras.map((key) => {
    const bodies = [extraBody(key), ...(has(key, 'revive') ? [revivedBody(key)] : [])];
    return [targetOf(scenario, key), bodies.map(sha256)];
  });
  return Object.fromEntries([
    ...objects,
    ...extras,
    ...outside(scenario).map((key) => [key, [sha256(extraBody(key))]]),
  ]);
}

/** In a rule's text `*` stands for anything. */
export const escapeGlob = (text: string): string => text.replaceAll('*', '\\*');

/** What others do to an object, as a rule of the store: before a request that reads it, or that writes its target. */
export function ruleOf(scenario: Scenario, { key, kind, skip, times }: Change): MutateRule {
  const by = { kind: 'mutate', principal: 'local', skip, times } as const;
  if (kind === 'revive') {
    const there = { bucket: buckets.destination, key: targetOf(scenario, key) };
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
    const there = { bucket: buckets.destination, key: targetOf(scenario, key) };
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

/** SHA-256 of what somebody writes over a key that the source lacks. */
export const revivedDigest = (key: string): string => sha256(revivedBody(key));

/** SHA-256 of what somebody else writes at the destination. */
export const foreignDigest = (object: Planted): string => sha256(foreignBody(object));
