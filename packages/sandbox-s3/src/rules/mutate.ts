import { createHash } from 'node:crypto';
import { startDigest } from '../checksums/algorithms.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectVersion } from '../index/objects.ts';
import type { Store } from '../index/store.ts';
import type { MutateRule } from './rule.ts';

async function overwrite(
  store: Store,
  bucket: Bucket,
  key: string,
  body: Buffer,
  old: ObjectVersion | undefined,
): Promise<void> {
  const writer = store.blobs.write();
  await writer.add(body);
  const content = await writer.end();
  const digest = startDigest('CRC64NVME');
  digest.update(body);
  const value = digest.digest().toString('base64');
  const { headers = {}, metadata = {}, tags = [], storageClass = 'STANDARD' } = old?.properties ?? {};
  const { encryption, owner } = bucket.settings;
  store.db.transaction(() => {
    store.blobs.register(writer);
    store.objects.put(bucket, key, {
      size: body.length,
      etag: createHash('md5').update(body).digest('hex'),
      modified: store.nowSeconds(),
      checksum: { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value },
      properties: { headers, metadata, tags, storageClass, encryption, owner },
      content,
    });
  });
}

function remove(store: Store, bucket: Bucket, latest: ObjectVersion | undefined): void {
  if (latest === undefined) return;
  if (bucket.settings.versioning === undefined) store.objects.remove(bucket, latest);
  else store.objects.mark(bucket, latest.key, store.nowSeconds());
}

/** Changes an object, as another client could. Does nothing if the bucket or, except for an overwrite, the key is missing. */
export async function mutate(store: Store, { target, change }: MutateRule): Promise<void> {
  const bucket = store.buckets.find(target.bucket);
  if (bucket === undefined) return;
  const latest = store.objects.latest(bucket, target.key);
  if (change.type === 'overwrite')
    await overwrite(store, bucket, target.key, Buffer.from(change.body), latest);
  if (change.type === 'delete') remove(store, bucket, latest);
  if (change.type === 'storage-class' && latest !== undefined)
    store.objects.update(latest, { storageClass: change.storageClass });
  if (change.type === 'forget-checksum' && latest !== undefined) store.objects.forgetChecksum(latest);
}
