import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { expectError } from './expectations.ts';
import { fact, startJudge } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

/** Keys that have caused problems in S3 clients or servers. */
const awkward = [
  'a b',
  ' lead',
  'trail ',
  'p%ercent',
  'p%2Fercent',
  'plus+sign',
  'question?mark',
  'hash#sign',
  'amp&ersand',
  'double//slash',
  '/leading-slash',
  'trailing-slash/',
  'dots/../up',
  './here',
  '..',
  'quote"and\'apostrophe',
  '<tag>&amp;',
  'back\\slash',
  'star*tilde~bang!(paren)',
  'semi;colon:comma,at@dollar$equals=',
  'umlaut-ü',
  'decomposed-u\u0308',
  'emoji-😀',
  'private-\ue000',
  'last-of-the-basic-plane-\uffee',
  'first-behind-it-\u{10000}',
  'tab\tnewline\nreturn\rend',
  'control-\u0001-\u001f-\u007f',
  'not-a-character-\ufffe-\uffff',
  'x'.repeat(1024),
];

const copySource = (bucket: string, key: string): string =>
  `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;

/** Decodes a key from a listing with `encoding-type=url`. */
const decode = (key = ''): string => decodeURIComponent(key.replaceAll('+', ' '));

fact('every awkward key is written and read unchanged', sources.keys, async ({ s3, bucket }) => {
  for (const [index, key] of awkward.entries()) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: `body ${index}` }));
  }
  for (const [index, key] of awkward.entries()) {
    const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(await read.Body?.transformToString(), key).toBe(`body ${index}`);
  }
});

fact(
  'a listing with encoding-type=url contains every awkward key, in the order of their bytes',
  sources.listOrder,
  async ({ s3, newBucket }) => {
    const bucket = await newBucket();
    for (const key of awkward) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, EncodingType: 'url' }));
    const expected = [...awkward].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(page.Contents?.map(({ Key }) => decode(Key))).toEqual(expected);
  },
);

fact(
  'a listing with encoding-type=url writes a space as a plus sign and does not encode a slash',
  sources.list,
  async ({ raw, newBucket, s3 }) => {
    const bucket = await newBucket();
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a b/c+d~(e)*', Body: 'x' }));
    const page = await raw({ method: 'GET', path: `/${bucket}`, query: 'encoding-type=url&list-type=2' });
    expect(page.text).toContain('<Key>a+b/c%2Bd%7E%28e%29*</Key>');
  },
);

fact(
  'every awkward key can be the source and the destination of a copy, and can be deleted',
  sources.copy,
  async ({ s3, newBucket }) => {
    const bucket = await newBucket();
    for (const key of awkward) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'one', Body: key }));
      await s3.send(
        new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource: copySource(bucket, 'one') }),
      );
      await s3.send(
        new CopyObjectCommand({ Bucket: bucket, Key: 'two', CopySource: copySource(bucket, key) }),
      );
      const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'two' }));
      expect(await read.Body?.transformToString()).toBe(key);
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      await expectError(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })), 'NotFound', 404);
    }
  },
);

fact(
  'a plus sign in a copy source that is not encoded stands for a space',
  sources.copy,
  async ({ s3, bucket }) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'with blank', Body: 'blank' }));
    await s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'copied', CopySource: `${bucket}/with+blank` }),
    );
    const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'copied' }));
    expect(await read.Body?.transformToString()).toBe('blank');
  },
);

fact(
  'a key of 1,025 bytes is answered KeyTooLongError, even if it has fewer characters',
  sources.keys,
  async ({ s3, bucket }) => {
    const tooLong = ['x'.repeat(1025), 'ü'.repeat(513)];
    for (const key of tooLong) {
      await expectError(
        s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' })),
        'KeyTooLongError',
        400,
      );
    }
  },
);

fact(
  'a listing without encoding-type writes control characters as character references',
  sources.xmlKeys,
  async ({ raw, s3, newBucket }) => {
    const bucket = await newBucket();
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'c\u0001\r<&', Body: 'x' }));
    const page = await raw({ method: 'GET', path: `/${bucket}`, query: 'list-type=2' });
    expect(page.text).toContain('<Key>c&#x1;&#13;&lt;&amp;</Key>');
  },
);
