import { type ChecksumAlgorithm, startDigest } from '../checksums/algorithms.ts';
import type { S3Request } from '../http/s3-request.ts';
import type { BlobWriter, Content } from '../index/blobs.ts';
import type { Digests } from '../index/content-digests.ts';
import type { Store } from '../index/store.ts';
import { S3Error } from '../s3-error.ts';
import { checkContentMd5, openPayload, type Payload } from './payload.ts';
import { proveChecksum, type RequestedChecksum } from './requested-checksum.ts';

/** A body that was written and matches its digests. No object or part refers to it yet. */
export interface ReceivedBody {
  readonly writer: BlobWriter;
  readonly content: Content;
  readonly size: number;
  readonly digests: Digests;
}

async function writeBody(
  payload: Payload,
  writer: BlobWriter,
  algorithms: readonly ChecksumAlgorithm[],
): Promise<Digests> {
  const digesters = algorithms.map((algorithm) => ({ algorithm, digester: startDigest(algorithm) }));
  for await (const chunk of payload.bytes) {
    for (const { digester } of digesters) digester.update(chunk);
    await writer.add(chunk);
  }
  return Object.fromEntries(
    digesters.map(({ algorithm, digester }) => [algorithm, digester.digest().toString('base64')]),
  );
}

/**
 * Receives the body of a PutObject or UploadPart, and compares it with every digest that the client sent.
 *
 * @param options the checksums to compute in addition to MD5, the checksum that the client sent, and the largest size
 * @throws {S3Error} `BadDigest`, `InvalidDigest`, `IncompleteBody`, `XAmzContentSHA256Mismatch`, `EntityTooLarge`
 */
export async function receiveBody(
  store: Store,
  request: S3Request,
  options: {
    algorithms: readonly ChecksumAlgorithm[];
    requested: RequestedChecksum | undefined;
    maxBytes: number;
  },
): Promise<ReceivedBody> {
  const payload = openPayload(request);
  if (payload.length > options.maxBytes) {
    throw new S3Error('EntityTooLarge', undefined, {
      details: { ProposedSize: payload.length, MaxSizeAllowed: options.maxBytes },
    });
  }
  const writer = store.blobs.write();
  try {
    const digests = await writeBody(payload, writer, [
      ...new Set<ChecksumAlgorithm>(['MD5', ...options.algorithms]),
    ]);
    checkContentMd5(request, digests.MD5 ?? '');
    proveChecksum(options.requested, payload.trailers, (algorithm) => digests[algorithm]);
    return { writer, content: await writer.end(), size: writer.size, digests };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}
