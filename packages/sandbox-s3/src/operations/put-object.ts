import { type ReceivedBody, receiveBody } from '../body/receive-body.ts';
import { checksumRequestHeaders, requestedChecksum } from '../body/requested-checksum.ts';
import type { ChecksumAlgorithm } from '../checksums/algorithms.ts';
import { emptyAnswer } from '../http/answer.ts';
import { checkKey } from '../http/s3-request.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectProperties, ObjectVersion } from '../index/objects.ts';
import { writeAnswerHeaders } from './answer-headers.ts';
import type { Call, Operation } from './call.ts';
import { writeUnderConditions } from './destination-conditions.ts';
import { makeEtag } from './encryption.ts';
import { findBucket, requestedKey } from './find-object.ts';
import { propertyHeaders, requestedProperties } from './object-properties.ts';
import { maxPutBytes } from './size-limits.ts';

function enter(
  call: Call,
  bucket: Bucket,
  body: ReceivedBody,
  algorithm: ChecksumAlgorithm,
  properties: ObjectProperties,
): ObjectVersion {
  const { store } = call;
  return store.db.transaction(() => {
    store.blobs.register(body.writer);
    store.digests.remember(body.content, body.digests);
    return store.objects.put(bucket, requestedKey(call), {
      size: body.size,
      etag: makeEtag(body.digests.MD5, properties.encryption),
      modified: store.nowSeconds(),
      checksum: { algorithm, type: 'FULL_OBJECT', value: body.digests[algorithm] ?? '' },
      properties,
      content: body.content,
    });
  });
}

async function write(call: Call, bucket: Bucket): Promise<ObjectVersion> {
  let body: ReceivedBody | undefined;
  try {
    return await writeUnderConditions(call, bucket, requestedKey(call), async () => {
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
  headers: [...propertyHeaders, ...checksumRequestHeaders],
  handle: async (call) => {
    checkKey(call.request.key);
    const bucket = findBucket(call);
    call.permit('s3:PutObject', bucket.name, requestedKey(call));
    return emptyAnswer(200, writeAnswerHeaders(bucket, await write(call, bucket)));
  },
};

/** PutObject. */
export const putOperations = { PutObject: putObject } satisfies Record<string, Operation>;
