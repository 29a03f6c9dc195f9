import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { differences } from './differences.ts';
import { findJudge, type Judge, judgeName } from './judge.ts';
import { type RawRequest, type RawResponse, sendRaw } from './raw-request.ts';
import { readWholeAnswers } from './whole-answers.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The page that states a fact, with the date it was read. */
    source?: string;
  }
}

/** What a fact is tested with. */
export interface World {
  readonly s3: S3Client;
  readonly judge: Judge;
  /** A bucket for the facts of one file. */
  readonly bucket: string;
  /** Creates another bucket. */
  newBucket(settings?: { ownership?: 'ObjectWriter'; objectLock?: boolean }): Promise<string>;
  /** Sends a signed request without the SDK, which would hide or correct some details. */
  raw(request: RawRequest): Promise<RawResponse>;
}

/** Tests one statement about S3's behavior. */
type Fact = (world: World) => Promise<void>;

let world: World | undefined;

function makeClient(judge: Judge): S3Client {
  const { endpoint, accessKeyId, secretAccessKey } = judge;
  const credentials = { accessKeyId, secretAccessKey };
  const options = { endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1, credentials };
  return readWholeAnswers(new S3Client(options));
}

async function makeWorld(): Promise<World> {
  const judge = await findJudge();
  const s3 = makeClient(judge);
  const newBucket: World['newBucket'] = async (settings = {}) => {
    const name = `facts-${randomBytes(8).toString('hex')}`;
    const lock = settings.objectLock === true ? { ObjectLockEnabledForBucket: true } : {};
    await s3.send(new CreateBucketCommand({ Bucket: name, ObjectOwnership: settings.ownership, ...lock }));
    return name;
  };
  return { s3, judge, bucket: await newBucket(), newBucket, raw: (request) => sendRaw(judge, request) };
}

/** Starts the judge for the facts of a file. Each file calls it, since files share this module. */
export function startJudge(): void {
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(async () => {
    world?.s3.destroy();
    await world?.judge.stop();
    world = undefined;
  });
}

/**
 * Defines the test of a fact about S3. If the server is known to differ, the fact must fail, so that the table of
 * differences stays correct.
 *
 * @param source the page that states the fact, with the date it was read
 */
export function fact(title: string, source: string, run: Fact): void {
  const known = differences.find(({ judge, facts }) => judge === judgeName && facts.includes(title));
  const test = async (): Promise<void> => {
    if (world === undefined) throw new Error('the server has not started');
    await run(world);
  };
  if (known === undefined) return void it(title, { meta: { source } }, test);
  const { reason, failure } = known;
  const name = `${title} (${judgeName} differs: ${reason})`;
  if (failure === undefined) it.fails(name, test);
  else it(name, () => expect(test()).rejects.toThrow(failure));
}
