import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandboxStore } from 'sandbox-s3/server';
import { GiB, MiB } from '../core/model/limits.ts';
import type { Figure } from './figures.ts';

const size = 4 * GiB;
const address = { Bucket: 'large', Key: 'object' };

function* chunks(): Generator<Buffer> {
  const chunk = Buffer.alloc(MiB, 'large');
  for (let sent = 0; sent < size; sent += chunk.length) yield chunk;
}

const peakMegabytes = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6;

/** Measures the memory for writing, copying and reading a large object. Store and client are both in this process. */
export async function measureLargeObject(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 's3copy-large-'));
  const store = await startSandboxStore({ dataDirectory: folder });
  const s3 = new S3Client({
    endpoint: store.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'locallocal' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  try {
    await s3.send(new CreateBucketCommand({ Bucket: address.Bucket }));
    const before = peakMegabytes();
    const body = Readable.from(chunks(), { objectMode: false });
    await s3.send(new PutObjectCommand({ ...address, Body: body, ContentLength: size }));
    await s3.send(
      new CopyObjectCommand({ ...address, Key: 'copy', CopySource: `${address.Bucket}/${address.Key}` }),
    );
    const { Body } = await s3.send(new GetObjectCommand({ ...address, Key: 'copy' }));
    let read = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) read += chunk.length;
    if (read !== size) throw new Error(`read ${read} of ${size} bytes`);
    return [
      {
        name: 'memory in addition to the idle store',
        value: peakMegabytes() - before,
        unit: 'MB',
        limit: 256,
      },
    ];
  } finally {
    s3.destroy();
    await store.close();
    await rm(folder, { recursive: true });
  }
}
