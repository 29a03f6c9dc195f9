import { readDocument } from '../body/document.ts';
import { checksumRequestHeaders } from '../body/requested-checksum.ts';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { S3Error } from '../s3-error.ts';
import { aclElements, aclHeaders, parseAcl, requestedAcl } from './acl.ts';
import type { Operation } from './call.ts';
import { findObject, requestedAddress, versioned, versionHeader } from './find-object.ts';

const query = ['acl', 'versionId'];

const getObjectAcl: Operation = {
  query,
  handle: (call) => {
    const address = requestedAddress(call);
    call.permit(versioned('s3:GetObjectAcl', address.versionId), address.bucket.name, address.key);
    const { properties, version } = findObject(call, address);
    const content = aclElements(properties.owner, properties.acl);
    return xmlAnswer('AccessControlPolicy', content, versionHeader(address.bucket, version));
  },
};

const putObjectAcl: Operation = {
  headers: [...aclHeaders, ...checksumRequestHeaders, 'x-amz-grant-write'],
  query,
  handle: async (call) => {
    const body = (await readDocument(call.request)).toString();
    const address = requestedAddress(call);
    const { bucket } = address;
    call.permit(versioned('s3:PutObjectAcl', address.versionId), bucket.name, address.key);
    const object = findObject(call, address);
    const acl =
      body === '' ? requestedAcl(call.request, bucket, object.properties.owner) : parseAcl(body, bucket);
    if (acl === undefined) throw new S3Error('MalformedXML');
    call.store.objects.update(object, { acl });
    return emptyAnswer(200, versionHeader(bucket, object.version));
  },
};

/** The operations on access control lists of objects. */
export const objectAclOperations = {
  GetObjectAcl: getObjectAcl,
  PutObjectAcl: putObjectAcl,
} satisfies Record<string, Operation>;
