import { createHash } from 'node:crypto';
import { readDocument } from '../body/document.ts';
import { checksumRequestHeaders } from '../body/requested-checksum.ts';
import { emptyAnswer, httpDate, isoDate, quoted, xmlAnswer } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import { element } from '../http/xml-writer.ts';
import type { Annotation, ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call, Operation } from './call.ts';
import { findObject, requestedAddress } from './find-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html (read 2026-11-22) */
const limits = { annotations: 1_000, bytes: 1024 ** 2, nameCharacters: 512 } as const;

const query = ['annotation', 'annotationName', 'versionId'];

const currentAnnotations = ({ properties }: ObjectVersion): readonly Annotation[] =>
  properties.annotations ?? [];

const readAnnotationName = ({ request }: Call): string => {
  const name = request.query.get('annotationName') ?? '';
  if (name === '' || name.length > limits.nameCharacters)
    throw new S3Error('InvalidArgument', 'Invalid annotation name');
  return name;
};

/** Finds the object version of a request. The action is the same with and without a version id. */
function findAnnotated(call: Call, action: string): ObjectVersion {
  const address = requestedAddress(call);
  call.permit(action, address.bucket.name, address.key);
  return findObject(call, address);
}

const answerHeaders = ({ version }: ObjectVersion, { etag, modified }: Annotation) => ({
  'x-amz-object-version-id': version,
  etag: quoted(etag),
  'last-modified': httpDate(modified),
});

const putAnnotation: Operation = {
  headers: [...checksumRequestHeaders, 'x-amz-object-if-match'],
  query,
  handle: async (call) => {
    const payload = await readDocument(call.request, limits.bytes);
    const object = findAnnotated(call, 's3:PutObjectAnnotation');
    const expected = readHeader(call.request, 'x-amz-object-if-match');
    if (expected !== undefined && expected !== quoted(object.etag)) throw new S3Error('PreconditionFailed');
    const name = readAnnotationName(call);
    if (payload.length === 0) throw new S3Error('InvalidArgument', 'An annotation must have at least 1 byte');
    const annotation: Annotation = {
      name,
      payload: payload.toString('base64'),
      size: payload.length,
      etag: createHash('md5').update(payload).digest('hex'),
      modified: call.store.nowSeconds(),
    };
    const others = currentAnnotations(object).filter((other) => other.name !== name);
    if (others.length >= limits.annotations)
      throw new S3Error('InvalidRequest', 'An object can have at most 1000 annotations');
    call.store.objects.update(object, { annotations: [...others, annotation] });
    return emptyAnswer(200, answerHeaders(object, annotation));
  },
};

const getAnnotation: Operation = {
  headers: ['x-amz-checksum-mode'],
  query,
  handle: (call) => {
    const object = findAnnotated(call, 's3:GetObjectAnnotation');
    const found = currentAnnotations(object).find(({ name }) => name === readAnnotationName(call));
    if (found === undefined) throw new S3Error('NoSuchAnnotation');
    return {
      status: 200,
      headers: answerHeaders(object, found),
      body: Buffer.from(found.payload, 'base64'),
    };
  },
};

const listAnnotations: Operation = {
  query: ['annotation', 'versionId'],
  handle: (call) => {
    const object = findAnnotated(call, 's3:ListObjectAnnotations');
    const entries = currentAnnotations(object).map(({ name, etag, size, modified }) =>
      element('AnnotationEntry', [
        element('AnnotationName', name),
        element('LastModified', isoDate(modified)),
        element('Size', size),
        element('ETag', quoted(etag)),
      ]),
    );
    return xmlAnswer('ListObjectAnnotationsOutput', [element('Annotations', entries)]);
  },
};

/** The operations on annotations of objects. */
export const objectAnnotationOperations = {
  GetObjectAnnotation: getAnnotation,
  ListObjectAnnotations: listAnnotations,
  PutObjectAnnotation: putAnnotation,
} satisfies Record<string, Operation>;
