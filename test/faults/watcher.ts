import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { Rules } from 'sandbox-s3/rules';
import { deletableKeys } from './check-deletes.ts';
import { allowedBytes, isTemp, sha256 } from './contents.ts';
import { buckets, type Scenario } from './scenario.ts';

const pauseMillis = 100;

/** What was seen at a key: a whole version, other bytes, or nothing although it must not be deleted. */
interface Seen {
  readonly kind: 'whole' | 'partial' | 'gone';
  readonly key: string;
}

const filePath = (folder: string): string => join(folder, 'seen.jsonl');

/**
 * Reads everything that is visible at the destination: each object after the functions write it, and all objects again
 * and again. It records what it sees at once, because the process may be killed.
 */
export class Watcher {
  readonly #s3: S3Client;
  readonly #folder: string;
  readonly #scenario: Scenario;
  readonly #allowed: Readonly<Record<string, readonly string[]>>;
  readonly #deletableKeys: ReadonlySet<string>;
  /** The ETags of keys that were found whole, or empty text for those that an earlier attempt found. */
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
    this.#deletableKeys = deletableKeys(scenario);
    this.#whole = new Map(seen.filter(({ kind }) => kind === 'whole').map(({ key }) => [key, '']));
    for (const { kind, key } of seen) if (kind === 'gone') this.#whole.delete(key);
  }

  /** Starts watching. A request that writes an object waits until the object is read. */
  start(rules: Rules): void {
    const operation = ['CopyObject', 'CompleteMultipartUpload', 'PutObject'];
    const written = { operation, principal: 'local', bucket: buckets.destination, when: 'after' } as const;
    rules.hook(written, ({ key = '' }) => (isTemp(this.#scenario, key) ? undefined : this.#read(key)));
    this.#watching = this.#watch();
  }

  /** Reads everything once more and stops. */
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
    // A key that is written during the listing may be missing in it.
    const before = [...this.#whole.keys()];
    const there = await listDestination(this.#s3, this.#scenario);
    const keys = new Set(there.map(({ key }) => key));
    for (const key of before) if (!keys.has(key) && !this.#deletableKeys.has(key)) this.#miss(key);
    for (const { key, etag } of there) if (this.#whole.get(key) !== etag) await this.#read(key, etag);
  }

  async #read(key: string, etag = ''): Promise<void> {
    const digest = await readDigest(this.#s3, key);
    if (digest === undefined) return;
    if (this.#allowed[key]?.includes(digest) !== true) return this.#note({ kind: 'partial', key });
    if (!this.#whole.has(key)) this.#note({ kind: 'whole', key });
    this.#whole.set(key, etag);
  }

  #miss(key: string): void {
    this.#whole.delete(key);
    this.#note({ kind: 'gone', key });
  }

  #note(seen: Seen): void {
    appendFileSync(filePath(this.#folder), `${JSON.stringify(seen)}\n`);
  }
}

/** Reads what the watchers of all attempts saw. */
export async function readSeen(folder: string): Promise<Seen[]> {
  const text = await readFile(filePath(folder), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Seen);
}

/** Describes what must never be visible. */
export function describeViolations(seen: readonly Seen[]): string[] {
  const texts = {
    partial: 'was visible with bytes that no version has',
    gone: 'disappeared from the destination',
  };
  return seen.flatMap(({ kind, key }) => (kind === 'whole' ? [] : [`${JSON.stringify(key)} ${texts[kind]}`]));
}

/** Decodes a key from a listing with `EncodingType=url`. */
export const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

/** Lists the keys and ETags at the destination, without part files. */
async function listDestination(
  s3: S3Client,
  scenario: Scenario,
): Promise<{ readonly key: string; readonly etag: string }[]> {
  const command = new ListObjectsV2Command({ Bucket: buckets.destination, EncodingType: 'url' });
  const { Contents = [] } = await s3.send(command);
  const there = Contents.map(({ Key = '', ETag = '' }) => ({ key: decodeKey(Key), etag: ETag }));
  return there.filter(({ key }) => !isTemp(scenario, key));
}

/** Reads the SHA-256 of an object at the destination, or of one of its versions. Returns undefined when it is deleted. */
export async function readDigest(s3: S3Client, Key: string, VersionId?: string): Promise<string | undefined> {
  try {
    const at = { Bucket: buckets.destination, Key, ...(VersionId === undefined ? {} : { VersionId }) };
    const { Body } = await s3.send(new GetObjectCommand(at));
    return sha256((await Body?.transformToByteArray()) ?? new Uint8Array());
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
