import { readDocument } from '../body/document.ts';
import { checksumRequestHeaders } from '../body/requested-checksum.ts';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import type { Tags } from '../index/objects.ts';
import type { Call, Operation } from './call.ts';
import { findObject, requestedAddress, versioned, versionHeader } from './find-object.ts';
import { parseTagging, tagSet } from './tags.ts';

const query = ['tagging', 'versionId'];

function replaceTags(call: Call, action: string, tags: Tags): Record<string, string> {
  const address = requestedAddress(call);
  call.permit(versioned(action, address.versionId), address.bucket.name, address.key);
  const object = findObject(call, address);
  call.store.objects.update(object, { tags });
  return versionHeader(address.bucket, object.version);
}

const getObjectTagging: Operation = {
  query,
  handle: (call) => {
    const address = requestedAddress(call);
    call.permit(versioned('s3:GetObjectTagging', address.versionId), address.bucket.name, address.key);
    const object = findObject(call, address);
    return xmlAnswer(
      'Tagging',
      [tagSet(object.properties.tags)],
      versionHeader(address.bucket, object.version),
    );
  },
};

const putObjectTagging: Operation = {
  headers: checksumRequestHeaders,
  query,
  handle: async (call) => {
    const tags = parseTagging((await readDocument(call.request)).toString());
    return emptyAnswer(200, replaceTags(call, 's3:PutObjectTagging', tags));
  },
};

const deleteObjectTagging: Operation = {
  query,
  handle: (call) => emptyAnswer(204, replaceTags(call, 's3:DeleteObjectTagging', [])),
};

/** The operations on tags of objects. */
export const objectTaggingOperations = {
  GetObjectTagging: getObjectTagging,
  PutObjectTagging: putObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
} satisfies Record<string, Operation>;
