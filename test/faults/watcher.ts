import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { Rules } from 'sandbox-s3/rules';
import { allowedBytes, isTemp, sha256 } from './contents.ts';
import { mayGo } from './deletes.ts';
import { buckets, type Scenario } from './scenario.ts';

const pauseMillis = 100;

/** What was seen of a key: one whole version, bytes of no version, or nothing although nobody may delete it. */
interface Seen {
  readonly is: 'whole' | 'partial' | 'gone';
  readonly key: string;
}

const fileOf = (folder: string): string => join(folder, 'seen.jsonl');

/**
 * Reads all that is visible at the destination: each object when the functions have written it, and all of them over
 * and over. What it sees is written down at once, since the process may be killed.
 */
export class Watcher {
  readonly #s3: S3Client;
  readonly #folder: string;
  readonly #scenario: Scenario;
  readonly #allowed: Readonly<Record<string, readonly string[]>>;
  readonly #mayGo: ReadonlySet<string>;
  /** ETags of keys that were found whole; empty of those that an earlier attempt has found. */
  readonly #whole: Map<string, string>;
  readonly #over = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  /**
   * @param folder where to write what is seen
   * @param seen what earlier attempts have seen
   */
  constructor(s3: S3Client, folder: string, scenario: Scenario, seen: readonly Seen[]) {
    this.#s3 = s3;
    this.#folder = folder;
    this.#scenario = scenario;
    this.#allowed = allowedBytes(scenario);
    this.#mayGo = mayGo(scenario);
    this.#whole = new Map(seen.filter(({ is }) => is === 'whole').map(({ key }) => [key, '']));
    for (const { is, key } of seen) if (is === 'gone') this.#whole.delete(key);
  }

  /** Begins; whoever writes an object waits until it is read. */
  start(rules: Rules): void {
    const operation = ['CopyObject', 'CompleteMultipartUpload', 'PutObject'];
    const written = { operation, principal: 'local', bucket: buckets.destination, when: 'after' } as const;
    rules.hook(written, ({ key = '' }) => (isTemp(this.#scenario, key) ? undefined : this.#read(key)));
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
    // A key that is written while the listing is under way may miss in it.
    const before = [...this.#whole.keys()];
    const there = await listDestination(this.#s3, this.#scenario);
    const keys = new Set(there.map(({ key }) => key));
    for (const key of before) if (!keys.has(key) && !this.#mayGo.has(key)) this.#miss(key);
    for (const { key, etag } of there) if (this.#whole.get(key) !== etag) await this.#read(key, etag);
  }

  async #read(key: string, etag = ''): Promise<void> {
    const digest = await digestOf(this.#s3, key);
    if (digest === undefined) return;
    if (this.#allowed[key]?.includes(digest) !== true) return this.#note({ is: 'partial', key });
    if (!this.#whole.has(key)) this.#note({ is: 'whole', key });
    this.#whole.set(key, etag);
  }

  #miss(key: string): void {
    this.#whole.delete(key);
    this.#note({ is: 'gone', key });
  }

  #note(seen: Seen): void {
    appendFileSync(fileOf(this.#folder), `${JSON.stringify(seen)}\n`);
  }
}

/** What the watchers of all attempts have seen. */
export async function seenIn(folder: string): Promise<Seen[]> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Seen);
}

/** What nobody should ever have seen, in words. */
export function wronglySeen(seen: readonly Seen[]): string[] {
  const words = { partial: 'was visible with bytes of no version', gone: 'was there, and was not any more' };
  return seen.flatMap(({ is, key }) => (is === 'whole' ? [] : [`${JSON.stringify(key)} ${words[is]}`]));
}

/** A key as a listing with `EncodingType=url` has it. */
export const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

/** Keys and ETags at the destination outside the temp area. */
async function listDestination(
  s3: S3Client,
  scenario: Scenario,
): Promise<{ readonly key: string; readonly etag: string }[]> {
  const command = new ListObjectsV2Command({ Bucket: buckets.destination, EncodingType: 'url' });
  const { Contents = [] } = await s3.send(command);
  const there = Contents.map(({ Key = '', ETag = '' }) => ({ key: decodeKey(Key), etag: ETag }));
  return there.filter(({ key }) => !isTemp(scenario, key));
}

/** SHA-256 of an object at the destination, or of a version of it; undefined when it is not there any more. */
export async function digestOf(s3: S3Client, Key: string, VersionId?: string): Promise<string | undefined> {
  try {
    const at = { Bucket: buckets.destination, Key, ...(VersionId === undefined ? {} : { VersionId }) };
    const { Body } = await s3.send(new GetObjectCommand(at));
    return sha256((await Body?.transformToByteArray()) ?? new Uint8Array());
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
