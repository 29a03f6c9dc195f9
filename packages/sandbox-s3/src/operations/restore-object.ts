import { readDocument } from '../body/document.ts';
import { checksumRequestHeaders } from '../body/requested-checksum.ts';
import { emptyAnswer } from '../http/answer.ts';
import { childText, parseXml } from '../http/xml-reader.ts';
import { S3Error } from '../s3-error.ts';
import type { Operation } from './call.ts';
import { findObject, isArchiveClass, isArchived, requestedAddress } from './find-object.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Makes an archived object readable for some days. This happens immediately; S3 needs minutes to hours. */
const restoreObject: Operation = {
  headers: checksumRequestHeaders,
  query: ['restore', 'versionId'],
  handle: async (call) => {
    const root = parseXml((await readDocument(call.request)).toString());
    const address = requestedAddress(call);
    call.permit('s3:RestoreObject', address.bucket.name, address.key);
    const object = findObject(call, address);
    if (!isArchiveClass(object)) {
      throw new S3Error(
        'InvalidObjectState',
        "Restore is not allowed for the object's current storage class",
      );
    }
    const days = Number(childText(root, 'Days'));
    if (root.name !== 'RestoreRequest' || !Number.isInteger(days) || days < 1)
      throw new S3Error('MalformedXML');
    const status = isArchived(call, object) ? 202 : 200;
    const restoredUntil = Math.ceil((call.store.now() + days * dayMs) / dayMs) * dayMs;
    call.store.objects.update(object, { restoredUntil });
    return emptyAnswer(status);
  },
};

/** RestoreObject. */
export const restoreOperations = { RestoreObject: restoreObject } satisfies Record<string, Operation>;
