import { appendFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { multipartEtag } from '../../lambdas/core/etags.ts';
import { hashes } from '../../lambdas/shared/hashes.ts';
import type { SandboxStore } from '../../local/s3/server.ts';
import { buckets } from './scenario.ts';

/** What of an object's parts is there before an attempt. */
interface Progress {
  /** ETags of the part files, by key. */
  readonly files: Readonly<Record<string, string>>;
  /** ETags of the parts of open uploads, by the key that is to be. */
  readonly uploads: Readonly<Record<string, readonly string[]>>;
}

/** A copy that an attempt asked for. */
interface Asked {
  readonly operation: string;
  readonly key: string;
  readonly copySource: string;
}

const before = (folder: string, attempt: number): string => join(folder, `before-${attempt}.json`);
const asked = (folder: string, attempt: number): string => join(folder, `asked-${attempt}.jsonl`);

/** Writes down what is there before an attempt. */
export async function noteProgress(folder: string, attempt: number, s3: S3Client): Promise<void> {
  const Bucket = buckets.destination;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'temp/' }));
  const files = Contents.map(({ Key = '', ETag = '' }) => [Key, ETag.replaceAll('"', '')]);
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  const uploads: Record<string, string[]> = {};
  for (const { Key = '', UploadId } of Uploads) {
    const { Parts = [] } = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
    uploads[Key] = [...(uploads[Key] ?? []), ...Parts.map(({ ETag = '' }) => ETag.replaceAll('"', ''))];
  }
  const progress: Progress = { files: Object.fromEntries(files), uploads };
  await writeFile(before(folder, attempt), JSON.stringify(progress));
}

/** Writes down each copy that the functions ask for, at once: the process may not live to see the answer. */
export function noteCopies(folder: string, attempt: number, store: SandboxStore): void {
  const operation = ['CopyObject', 'UploadPartCopy'];
  store.rules.hook({ operation, principal: 'local', bucket: buckets.destination }, (request) => {
    const { key = '', copySource = '' } = request;
    const line: Asked = { operation: request.operation, key, copySource };
    appendFileSync(asked(folder, attempt), `${JSON.stringify(line)}\n`);
  });
}

/** Parts that an attempt copied although their file, or their part of the upload, was there before it. */
export async function copiedAgain(folder: string, attempt: number): Promise<string[]> {
  const progress = JSON.parse(await readFile(before(folder, attempt), 'utf8')) as Progress;
  const text = await readFile(asked(folder, attempt), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const copy = JSON.parse(line) as Asked;
    const reason = wasThere(progress, copy);
    return reason === undefined ? [] : [`attempt ${attempt} copied ${copy.key} again, though ${reason}`];
  });
}

function wasThere({ files, uploads }: Progress, { key, copySource }: Asked): string | undefined {
  if (/\/parts\/temp-\d{5}$/.test(key)) return files[key] === undefined ? undefined : 'it was there';
  if (/\/parts\/part-\d{5}$/.test(key)) return isPair(files, key) ? 'it was there with its pair' : undefined;
  const file = files[copySource.slice(buckets.destination.length + 1)];
  if (!/\/parts\/part-\d{5}$/.test(copySource) || file === undefined) return undefined;
  return uploads[key]?.includes(file) === true ? `its upload had the part of ${copySource}` : undefined;
}

function isPair(files: Progress['files'], key: string): boolean {
  const [part, temp] = [files[key], files[key.replace(/part-(\d{5})$/, 'temp-$1')]];
  return part !== undefined && multipartEtag([part], hashes) === temp;
}
