import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { guessContentType } from '../core/model/content-types.ts';
import { S3Limits } from '../core/model/limits.ts';
import { formatLocation } from '../core/model/location.ts';
import type { Connection } from './connection.ts';
import type { Ended } from './events.ts';
import { UsageError } from './usage-error.ts';

/**
 * Folder of the work bucket for lists that the command line uploads, each named by its content. The functions may
 * read it, it expires with the runs, and no run has its name: an execution's name has no `~`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html (read 2026-11-22)
 */
const listsFolder = 'runs/~lists/';

/** Milliseconds for which an uploaded list is used again: half the time until it expires. */
const freshMillis = 30 * 24 * 3_600_000;

/** JSON of a request above which its lists are uploaded: an execution takes at most 256 KiB with all it carries. */
const longestRequest = 64 * 1024;

/** Fields of the request that may be long, and what names them in a file instead. */
const fields = [
  {
    words: 'files',
    from: 'filesFrom',
    flags: ['-f', '-F'],
    asLine: (key: string) => JSON.stringify({ key }),
    ending: '.jsonl',
  },
  {
    words: 'prefixes',
    from: 'prefixesFrom',
    flags: ['-p', '-P'],
    asLine: (path: string) => path,
    ending: '.txt',
  },
] as const;

/** A request whose lists are uploaded. */
export interface Uploaded {
  /** To start the execution with. */
  readonly request: Record<string, unknown>;
  /** What the user typed, by the location that it was uploaded to. */
  readonly typed: ReadonlyMap<string, string>;
}

/** The end of a run, in which each list has the name that the user typed. */
export function withTypedNames(ended: Ended, typed: Uploaded['typed']): Ended {
  const named = (text: string) =>
    [...typed].reduce((words, [location, name]) => words.replaceAll(location, () => name), text);
  const { message, report } = ended;
  return {
    ...ended,
    ...(message === undefined ? {} : { message: named(message) }),
    ...(report === undefined ? {} : { report: { ...report, notes: report.notes.map(named) } }),
  };
}

/**
 * Uploads the lists of a request to the work bucket: those that are local files, and words that are too long for the
 * input of an execution.
 *
 * @throws {UsageError} when a file cannot be read
 */
export async function uploadLists(
  request: Readonly<Record<string, unknown>>,
  connection: Connection,
): Promise<Uploaded> {
  const uploaded = { ...request };
  const typed = new Map<string, string>();
  for (const field of fields) {
    const file = uploaded[field.from];
    if (typeof file === 'string' && !file.startsWith('s3://')) {
      const location = await uploadFile(file, field.flags[1], connection);
      uploaded[field.from] = location;
      typed.set(location, file);
    }
  }
  if (JSON.stringify(uploaded).length <= longestRequest) return { request: uploaded, typed };
  for (const { words, from, flags, asLine, ending } of fields) {
    const given = uploaded[words];
    if (!Array.isArray(given) || given.length === 0) continue;
    if (uploaded[from] !== undefined) {
      throw new UsageError(
        `${flags[0]} has too many words next to ${flags[1]}: put all of them into the file`,
      );
    }
    delete uploaded[words];
    const text = given.map((word) => `${asLine(String(word))}\n`).join('');
    const location = await uploadText(text, ending, connection);
    uploaded[from] = location;
    typed.set(location, `the words of ${flags[0]}`);
  }
  return { request: uploaded, typed };
}

async function uploadText(text: string, ending: string, connection: Connection): Promise<string> {
  const key = `${listsFolder}${createHash('sha256').update(text).digest('hex')}${ending}`;
  await connection.s3.send(
    new PutObjectCommand({
      Bucket: connection.workBucket,
      Key: key,
      Body: text,
      ContentType: guessContentType(key),
    }),
  );
  return formatLocation(connection.workBucket, key);
}

async function uploadFile(file: string, flag: string, { s3, workBucket }: Connection): Promise<string> {
  const { size, hash } = await readOnce(file, flag);
  const key = `${listsFolder}${hash}${file.endsWith('.jsonl') ? '.jsonl' : '.txt'}`;
  const address = { Bucket: workBucket, Key: key };
  const isThere = await s3.send(new HeadObjectCommand(address)).then(
    ({ ContentLength, LastModified }) =>
      ContentLength === size && Date.now() - (LastModified?.getTime() ?? 0) < freshMillis,
    () => false,
  );
  if (!isThere) {
    await s3.send(
      new PutObjectCommand({
        ...address,
        ContentType: guessContentType(key),
        Body: createReadStream(file),
        ContentLength: size,
      }),
    );
  }
  return formatLocation(workBucket, key);
}

async function readOnce(file: string, flag: string): Promise<{ size: number; hash: string }> {
  const hash = createHash('sha256');
  try {
    const { size } = await stat(file);
    if (size > S3Limits.maxPartBytes) {
      throw new UsageError(
        `${flag}: ${file} has ${size} bytes, above 5 GiB: upload it and name it as s3://…`,
      );
    }
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return { size, hash: hash.digest('hex') };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${flag}: cannot read ${JSON.stringify(file)}: ${(error as Error).message}`);
  }
}
