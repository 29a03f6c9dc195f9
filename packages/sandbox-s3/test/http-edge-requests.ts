import fc from 'fast-check';

/** Percent-encodes every character that must be encoded in a signed request. */
export const encodeStrictly = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Any text, percent-encoded as in a key or the value of a parameter. */
const encoded = fc.string({ unit: 'binary', maxLength: 12 }).map(encodeStrictly);

const words = fc.constantFrom(
  '0',
  '1',
  '-1',
  '2',
  '10001',
  '99999999999999999999',
  '1e3',
  'url',
  '/',
  'true',
  'null',
  'a',
  'COPY',
  'REPLACE',
  'Enabled',
  'GLACIER',
  'CRC32',
  'CRC64NVME',
  'SHA256',
  'FULL_OBJECT',
  'COMPOSITE',
  '*',
  '"x"',
  'bytes=0-4',
  'a=b&c=d',
);

/** Paths of buckets and objects, some of which exist. */
export const anyPath = (bucket: string): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(`/${bucket}`, `/${bucket}/a`, `/${bucket}/parts`, `/${bucket}/new`),
    },
    { weight: 2, arbitrary: encoded.map((key) => `/${bucket}/${key}`) },
    { weight: 1, arbitrary: encoded.map((text) => `/${text}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '/',
        '//',
        '/%',
        '/%zz',
        `/${bucket}/%ff`,
        `/${bucket}/%00`,
        `/${bucket}//..//.`,
      ),
    },
  );

const parameters = [
  'acl',
  'annotation',
  'annotationName',
  'attributes',
  'continuation-token',
  'cors',
  'delete',
  'delimiter',
  'encoding-type',
  'encryption',
  'fetch-owner',
  'key-marker',
  'legal-hold',
  'lifecycle',
  'list-type',
  'location',
  'marker',
  'max-keys',
  'max-parts',
  'max-uploads',
  'object-lock',
  'ownershipControls',
  'part-number-marker',
  'partNumber',
  'policy',
  'prefix',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-type',
  'response-expires',
  'restore',
  'retention',
  'start-after',
  'tagging',
  'upload-id-marker',
  'uploadId',
  'uploads',
  'version-id-marker',
  'versionId',
  'versioning',
  'versions',
  'x-id',
];

/** Up to three parameters, sorted as in a signature. */
export const anyQuery: fc.Arbitrary<string> = fc
  .uniqueArray(fc.constantFrom(...parameters), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(
      ...names
        .sort()
        .map((name) =>
          fc.oneof(words.map(encodeStrictly), encoded, fc.constant('')).map((value) => `${name}=${value}`),
        ),
    ),
  )
  .map((pairs) => pairs.join('&'));

const headerNames = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-type',
  'expires',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
  'x-amz-acl',
  'x-amz-bypass-governance-retention',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-mode',
  'x-amz-checksum-sha256',
  'x-amz-checksum-type',
  'x-amz-copy-source',
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-range',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-grant-read',
  'x-amz-meta-a',
  'x-amz-metadata-directive',
  'x-amz-mp-object-size',
  'x-amz-object-attributes',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-optional-object-attributes',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-server-side-encryption',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-tagging-directive',
  'x-amz-trailer',
  'x-amz-website-redirect-location',
  'x-amz-max-parts',
  'x-amz-part-number-marker',
  'x-amz-unknown',
];

/** Values of headers: Latin-1 without control characters, and without spaces that a signature removes. */
const latin1 = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
    { maxLength: 12 },
  )
  .map((codes) =>
    String.fromCharCode(...codes)
      .trim()
      .replace(/ +/g, ' '),
  );

/** Up to four headers that S3 knows. */
export const anyHeaders = (bucket: string): fc.Arbitrary<Record<string, string>> => {
  const sources = fc.constantFrom(
    `${bucket}/a`,
    `/${bucket}/a`,
    `${bucket}/none`,
    `${bucket}/a?versionId=`,
    `${bucket}/a?versionId=x`,
    '/',
    `${bucket}/%`,
    'arn:aws:s3:x',
  );
  const dates = fc.constantFrom(
    'Mon, 23 Nov 2026 00:00:00 GMT',
    '2026-11-23T00:00:00Z',
    '9999999999',
    'never',
  );
  const value = fc.oneof(words, latin1, sources, dates);
  return fc
    .uniqueArray(fc.constantFrom(...headerNames), { maxLength: 4 })
    .chain((names) => fc.tuple(...names.map((name) => value.map((text) => [name, text] as const))))
    .map((pairs) => Object.fromEntries(pairs));
};

const anyBytes = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
export const anyBody: fc.Arbitrary<string | Buffer> = fc.oneof(fc.constant(''), anyBytes);

const elements = [
  'AccessControlList',
  'AccessControlPolicy',
  'BucketKeyEnabled',
  'ChecksumCRC32',
  'ChecksumCRC64NVME',
  'CompleteMultipartUpload',
  'CreateBucketConfiguration',
  'Days',
  'DefaultRetention',
  'Delete',
  'ETag',
  'Grant',
  'Grantee',
  'ID',
  'Key',
  'LastModifiedTime',
  'LegalHold',
  'LocationConstraint',
  'MfaDelete',
  'Mode',
  'Object',
  'ObjectLockConfiguration',
  'ObjectLockEnabled',
  'ObjectOwnership',
  'Owner',
  'OwnershipControls',
  'Part',
  'PartNumber',
  'Payer',
  'Permission',
  'Quiet',
  'RequestPaymentConfiguration',
  'RestoreRequest',
  'RetainUntilDate',
  'Retention',
  'Rule',
  'SSEAlgorithm',
  'ServerSideEncryptionConfiguration',
  'Size',
  'Status',
  'Tag',
  'TagSet',
  'Tagging',
  'URI',
  'Value',
  'VersionId',
  'VersioningConfiguration',
  'Years',
];
const escapeXml = (text: string): string => text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
const markup = fc.oneof(
  { weight: 6, arbitrary: fc.oneof(words, fc.string({ maxLength: 8 })).map(escapeXml) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '&',
      '&#0;',
      '&#x110000;',
      '<!-- -->',
      '<![CDATA[x]]>',
      '<',
      '</a>',
      '<?x?>',
      '\u0000',
      '&#x9;',
      ']]>',
      '<!DOCTYPE x>',
    ),
  },
);

const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    markup,
    fc
      .tuple(fc.constantFrom(...elements), fc.array(tie('tree'), { maxLength: 3 }))
      .map(([name, inner]) => `<${name}>${inner.join('')}</${name}>`),
  ),
}));

/** The start and the end of the documents that S3 accepts. */
const roots: readonly (readonly [query: string, key: string, open: string, close: string])[] = [
  ['delete=', '', '<Delete>', '</Delete>'],
  ['delete=', '', '<Delete><Object><Key>', '</Key></Object></Delete>'],
  ['delete=', '', '<Delete><Object><Key>none</Key>', '</Object></Delete>'],
  ['uploadId=UPLOAD', '/parts', '<CompleteMultipartUpload>', '</CompleteMultipartUpload>'],
  ['uploadId=UPLOAD', '/parts', '<CompleteMultipartUpload><Part>', '</Part></CompleteMultipartUpload>'],
  [
    'uploadId=UPLOAD',
    '/parts',
    '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>',
    '</ETag></Part></CompleteMultipartUpload>',
  ],
  ['tagging=', '/a', '<Tagging><TagSet>', '</TagSet></Tagging>'],
  ['tagging=', '/a', '<Tagging><TagSet><Tag><Key>', '</Key><Value>v</Value></Tag></TagSet></Tagging>'],
  ['tagging=', '', '<Tagging>', '</Tagging>'],
  ['acl=', '/a', '<AccessControlPolicy>', '</AccessControlPolicy>'],
  ['versioning=', '', '<VersioningConfiguration>', '</VersioningConfiguration>'],
  [
    'encryption=',
    '',
    '<ServerSideEncryptionConfiguration><Rule>',
    '</Rule></ServerSideEncryptionConfiguration>',
  ],
  ['object-lock=', '', '<ObjectLockConfiguration>', '</ObjectLockConfiguration>'],
  ['ownershipControls=', '', '<OwnershipControls><Rule>', '</Rule></OwnershipControls>'],
  ['requestPayment=', '', '<RequestPaymentConfiguration>', '</RequestPaymentConfiguration>'],
  ['retention=', '/a', '<Retention>', '</Retention>'],
  ['legal-hold=', '/a', '<LegalHold>', '</LegalHold>'],
  ['', '', '<CreateBucketConfiguration>', '</CreateBucketConfiguration>'],
];

/** A document for a request that needs one. */
export const documents = (bucket: string) =>
  fc
    .tuple(fc.constantFrom(...roots), tree, fc.constantFrom(...elements))
    .map(([[query, key, open, close], inner, other]) => ({
      query,
      key,
      body: inner === bucket ? `<${other}/>` : `${open}${inner}${close}`,
    }));

const sizes = fc.constantFrom('0', '1', '3', '5', 'a', 'FF', '-1', '', 'g', 'ffffffffffff', '1 ', '0x1');
const chunk = fc
  .tuple(
    sizes,
    fc.constantFrom('', ';chunk-signature=', `;chunk-signature=${'0'.repeat(64)}`, ';other=1', ';'),
    fc.constantFrom('\r\n', '\n', '\r', ''),
    fc.string({ maxLength: 6 }),
    fc.constantFrom('\r\n', '\n', ''),
  )
  .map((pieces) => pieces.join(''));
const rightChunk = fc
  .string({ minLength: 1, maxLength: 6, unit: 'grapheme-ascii' })
  .map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
const trailerLine = fc.oneof(
  fc.constantFrom(
    'x-amz-checksum-crc32:AAAAAA==\r\n',
    'x-amz-checksum-crc32:!\r\n',
    'x-amz-trailer-signature:0\r\n',
    ':\r\n',
    'no colon\r\n',
  ),
  fc.string({ maxLength: 8 }).map((text) => `${text}\r\n`),
);

/** Bodies in chunks, most of them malformed. */
export const chunkedBody = fc.record({
  payloadHash: fc.constantFrom(
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'STREAMING-OTHER',
  ),
  length: fc.constantFrom('0', '1', '5', '99', '-1', 'x', '99999999999999999999'),
  trailer: fc.constantFrom(undefined, 'x-amz-checksum-crc32', 'x-amz-checksum-sha256', 'x-amz-other', ''),
  body: fc
    .tuple(
      fc.array(fc.oneof(chunk, rightChunk), { maxLength: 3 }),
      fc.constantFrom('0\r\n', '', '0;chunk-signature=0\r\n'),
      fc.array(trailerLine, { maxLength: 2 }),
      fc.constantFrom('\r\n', ''),
    )
    .map(([chunks, last, trailers, end]) => [...chunks, last, ...trailers, end].join('')),
});
