import { setTimeout as pause } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { sha256 } from './contents.ts';
import { buckets } from './scenario.ts';

const pauseMillis = 100;

/** Reads all that is visible at the destination, over and over: each object must be one whole version. */
export class Watcher {
  /** Keys that were visible with bytes of no version. */
  readonly partial = new Set<string>();
  /** Keys that were there and were not any more, although nobody may delete them. */
  readonly gone = new Set<string>();
  readonly #s3: S3Client;
  readonly #allowed: Readonly<Record<string, readonly string[]>>;
  readonly #mayGo: ReadonlySet<string>;
  /** ETags of keys that were found right. */
  readonly #seen = new Map<string, string>();
  readonly #over = new AbortController();
  readonly #watching: Promise<void>;

  /**
   * @param allowed SHA-256 of all bytes that each destination key may have
   * @param mayGo keys that the run may delete
   */
  constructor(
    s3: S3Client,
    allowed: Readonly<Record<string, readonly string[]>>,
    mayGo: ReadonlySet<string>,
  ) {
    this.#s3 = s3;
    this.#allowed = allowed;
    this.#mayGo = mayGo;
    this.#watching = this.#watch();
  }

  /** Looks once more, and ends. */
  async stop(): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#look();
      await pause(pauseMillis, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
    await this.#look();
  }

  async #look(): Promise<void> {
    const there = await listDestination(this.#s3);
    const keys = new Set(there.map(({ key }) => key));
    for (const key of this.#seen.keys()) if (!keys.has(key) && !this.#mayGo.has(key)) this.gone.add(key);
    for (const { key, etag } of there) {
      if (this.#seen.get(key) === etag) continue;
      const digest = await digestOf(this.#s3, key);
      if (digest === undefined) continue;
      if (this.#allowed[key]?.includes(digest) === true) this.#seen.set(key, etag);
      else this.partial.add(key);
    }
  }
}

/** A key as a listing with `EncodingType=url` has it. */
export const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

/** Keys and ETags at the destination outside the temp area. */
export async function listDestination(
  s3: S3Client,
): Promise<{ readonly key: string; readonly etag: string }[]> {
  const command = new ListObjectsV2Command({ Bucket: buckets.destination, EncodingType: 'url' });
  const { Contents = [] } = await s3.send(command);
  return Contents.map(({ Key = '', ETag = '' }) => ({
    key: decodeKey(Key),
    etag: ETag,
  })).filter(({ key }) => !key.startsWith('temp/'));
}

/** SHA-256 of an object at the destination; undefined when it is not there any more. */
export async function digestOf(s3: S3Client, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: buckets.destination, Key }));
    return sha256((await Body?.transformToByteArray()) ?? new Uint8Array());
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
