import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { countParts, multipartEtag } from '../../core/model/etags.ts';
import { hashes } from '../../core/rules/hashes.ts';
import { getTempPrefix, partBody } from './contents.ts';
import type { Event, RequestEvent } from './events.ts';
import { buckets, type Scenario } from './scenario.ts';
import { decodeKey } from './watcher.ts';

/** The parts that exist before an attempt. */
interface Progress {
  /** ETags of temp files and part files, by key. */
  readonly files: Readonly<Record<string, string>>;
  /** Parts of open uploads, by key. */
  readonly uploads: Readonly<Record<string, readonly { readonly number: number; readonly etag: string }[]>>;
  /** ETags of the source objects, by key. */
  readonly sources: Readonly<Record<string, string>>;
}

const before = (folder: string, attempt: number): string => join(folder, `before-${attempt}.json`);

const plain = (etag: string): string => etag.replaceAll('"', '');

/** Records the parts that exist before an attempt. */
export async function noteProgress(
  folder: string,
  attempt: number,
  scenario: Scenario,
  s3: S3Client,
): Promise<void> {
  const Bucket = buckets.destination;
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: getTempPrefix(scenario), EncodingType: 'url' }),
  );
  const files = Contents.map(({ Key = '', ETag = '' }) => [decodeKey(Key), plain(ETag)]);
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  const uploads: Record<string, { number: number; etag: string }[]> = {};
  for (const { Key = '', UploadId } of Uploads) {
    const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    const parts = Parts.map(({ PartNumber = 0, ETag = '' }) => ({ number: PartNumber, etag: plain(ETag) }));
    uploads[Key] = [...(uploads[Key] ?? []), ...parts];
  }
  const sources = await s3.send(new ListObjectsV2Command({ Bucket: buckets.source, EncodingType: 'url' }));
  const etags = (sources.Contents ?? []).map(({ Key = '', ETag = '' }) => [decodeKey(Key), plain(ETag)]);
  const progress: Progress = {
    files: Object.fromEntries(files),
    uploads,
    sources: Object.fromEntries(etags),
  };
  await writeFile(before(folder, attempt), JSON.stringify(progress));
}

/** Finds parts that an attempt copied although their file, or their part of the upload, already existed. */
export async function findUnneededCopies(
  folder: string,
  attempt: number,
  events: readonly Event[],
): Promise<string[]> {
  const progress = JSON.parse(await readFile(before(folder, attempt), 'utf8')) as Progress;
  const own = events.filter(
    (event): event is RequestEvent => 'operation' in event && event.attempt === attempt,
  );
  const refused = new Set<string>();
  const uploads = { ...progress.uploads };
  return own.flatMap((event) => {
    const { kind, key, operation } = event;
    if (kind === 'asked' && operation === 'CompleteMultipartUpload') refused.add(key);
    if (kind === 'done' && operation === 'CompleteMultipartUpload') refused.delete(key);
    // An upload that S3 did not complete because of a condition is of no use, so its parts have to be copied again.
    if (kind === 'done' && operation === 'AbortMultipartUpload' && refused.has(key)) delete uploads[key];
    if (kind !== 'asked' || !copies.includes(operation)) return [];
    const reason = findExisting({ ...progress, uploads }, event);
    return reason === undefined ? [] : [`attempt ${attempt} copied ${event.key} again, although ${reason}`];
  });
}

const copies = ['CopyObject', 'UploadPartCopy'];

function findExisting({ files, uploads, sources }: Progress, asked: RequestEvent): string | undefined {
  const { key, copySource, partNumber } = asked;
  if (/\/parts\/temp-\d{5}$/.test(key)) return files[key] === undefined ? undefined : 'it existed';
  if (/\/parts\/part-\d{5}$/.test(key))
    return isPair(files, key) ? 'it existed together with its temp file' : undefined;
  if (partNumber === undefined) return undefined;
  const file = files[copySource.slice(buckets.destination.length + 1)];
  const isFile = /\/parts\/part-\d{5}$/.test(copySource);
  const etag = isFile ? file : computePartEtag(sources, copySource, partNumber);
  const hasPart = uploads[key]?.some((part) => part.number === partNumber && part.etag === etag);
  return hasPart === true ? `its upload had part ${partNumber} of ${copySource}` : undefined;
}

/** Computes the ETag of a part of the original source. Returns undefined when the source has no parts now. */
function computePartEtag(
  sources: Progress['sources'],
  copySource: string,
  number: number,
): string | undefined {
  const key = copySource.slice(buckets.source.length + 1);
  const parts = countParts(sources[key] ?? '');
  if (parts === undefined || parts === 0) return undefined;
  return createHash('md5').update(partBody({ key, parts }, number)).digest('hex');
}

function isPair(files: Progress['files'], key: string): boolean {
  const [part, temp] = [files[key], files[key.replace(/part-(\d{5})$/, 'temp-$1')]];
  return part !== undefined && multipartEtag([part], hashes) === temp;
}
