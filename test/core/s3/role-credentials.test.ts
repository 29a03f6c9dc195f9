import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type SandboxStore, startSandboxStore } from 'sandbox-s3/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ObjectStores } from '../../../core/s3/clients.ts';

const minute = 60_000;
const role = { arn: 'arn:aws:iam::111111111111:role/copier', field: 'roles.copy' };

describe('the credentials of a role', () => {
  let folder: string;
  let store: SandboxStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3copy-sessions-'));
    store = await startSandboxStore({ dataDirectory: folder });
    vi.stubEnv('AWS_ENDPOINT_URL_S3', store.url);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', store.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'locallocal');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    const s3 = new S3Client({ region: 'us-east-1', forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'key', Body: 'x' }));
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterAll(async () => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Asks for an object a few times at once. @returns how often the role was assumed for that */
  async function assumed(ofRole: ReturnType<ObjectStores['in']>): Promise<number> {
    const recording = store.requests.record();
    const heads = await Promise.all([1, 2, 3].map(() => ofRole.head({ bucket: 'bucket', key: 'key' })));
    recording.stop();
    expect(heads.map((head) => head?.size)).toEqual([1, 1, 1]);
    expect(recording.requests.filter(({ status }) => status !== 200)).toEqual([]);
    const asked = recording.requests.filter(({ operation }) => operation === 'HeadObject');
    expect(new Set(asked.map(({ principal }) => principal))).toEqual(
      new Set(['arn:aws:sts::111111111111:assumed-role/copier/s3copy']),
    );
    return recording.requests.filter(({ operation }) => operation === 'AssumeRole').length;
  }

  it('are taken anew shortly before they expire, once, and never earlier', async () => {
    const ofRole = new ObjectStores().in('us-east-1', { role });
    const start = Date.now();
    const at = async (minutes: number) => {
      vi.setSystemTime(start + minutes * minute);
      return assumed(ofRole);
    };
    expect(await at(0)).toBe(1);
    expect(await at(30)).toBe(0);
    expect(await at(54)).toBe(0);
    expect(await at(56)).toBe(1);
    expect(await at(60)).toBe(0);
    expect(await at(110)).toBe(0);
  });

  it('last through a run of days, and through one that has paused for longer than a session', async () => {
    const ofRole = new ObjectStores().in('us-east-1', { role });
    const start = Date.now();
    let sessions = 0;
    for (let minutes = 0; minutes <= 3 * 24 * 60; minutes += 25) {
      vi.setSystemTime(start + minutes * minute);
      sessions += await assumed(ofRole);
    }
    // One in three steps: behind the second, fewer than the 5 minutes before the end are left.
    expect(sessions).toBe(Math.floor((3 * 24 * 60) / 75) + 1);
    vi.setSystemTime(Date.now() + 600 * minute);
    expect(await assumed(ofRole)).toBe(1);
  });
});
