import { type Received, receiveBody } from '../body/receive.ts';
import { requestedChecksum } from '../body/requested-checksum.ts';
import type { ChecksumAlgorithm } from '../checksums/algorithms.ts';
import { emptyAnswer } from '../http/answer.ts';
import { checkKey } from '../http/s3-request.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectProperties, ObjectVersion } from '../index/objects.ts';
import type { Call, Operation } from './call.ts';
import { checksumHeaders } from './checksum-headers.ts';
import { writeUnderConditions } from './destination-conditions.ts';
import { etagOf } from './encryption.ts';
import { findBucket, keyOf } from './find-object.ts';
import { writtenAnswer } from './object-answer.ts';
import { propertyHeaders, requestedProperties } from './object-properties.ts';
import { maxPutBytes } from './size-limits.ts';

function enter(
  call: Call,
  bucket: Bucket,
  body: Received,
  algorithm: ChecksumAlgorithm,
  properties: ObjectProperties,
): ObjectVersion {
  const { store } = call;
  return store.db.transaction(() => {
    store.blobs.enter(body.writer);
    store.digests.remember(body.content, body.digests);
    return store.objects.put(bucket, keyOf(call), {
      size: body.size,
      etag: etagOf(body.digests.MD5, properties.encryption),
      modified: store.nowSeconds(),
      checksum: { algorithm, type: 'FULL_OBJECT', value: body.digests[algorithm] ?? '' },
      properties,
      content: body.content,
    });
  });
}

async function write(call: Call, bucket: Bucket): Promise<ObjectVersion> {
  let body: Received | undefined;
  try {
    return await writeUnderConditions(call, bucket, keyOf(call), async () => {
      const properties = requestedProperties(call, bucket);
      const requested = requestedChecksum(call.request);
      const algorithm = requested?.algorithm ?? 'CRC64NVME';
      const received = await receiveBody(call.store, call.request, {
        algorithms: [algorithm],
        requested,
        maxBytes: maxPutBytes,
      });
      body = received;
      return () => enter(call, bucket, received, algorithm, properties);
    });
  } catch (error) {
    await body?.writer.abandon();
    throw error;
  }
}

const putObject: Operation = {
  headers: [...propertyHeaders, ...checksumHeaders],
  handle: async (call) => {
    checkKey(call.request.key);
    const bucket = findBucket(call);
    call.permit('s3:PutObject', bucket.name, keyOf(call));
    return emptyAnswer(200, writtenAnswer(bucket, await write(call, bucket)));
  },
};

/** PutObject. */
export const putOperations = { PutObject: putObject } satisfies Record<string, Operation>;
