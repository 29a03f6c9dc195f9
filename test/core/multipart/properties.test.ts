import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CopyRequest } from '../../../core/model/copy-request.ts';
import { longTags, propertiesOf, putEverything } from '../copy/source-with-everything.ts';
import { Place } from '../copy/store-harness.ts';

interface Row {
  readonly property: string;
  readonly byDefault: string;
  readonly word: string;
  readonly fields: string;
}

const cellsOf = (line: string): string[] => line.split('|').map((cell) => cell.trim().replaceAll('`', ''));

/** The lines of the table in the docs. */
const rows: readonly Row[] = readFileSync(join(import.meta.dirname, '../../../docs/properties.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!property)/.test(line))
  .map((line) => cellsOf(line))
  .map(([, property = '', byDefault = '', word = '', fields = '']) => ({
    property,
    byDefault,
    word,
    fields,
  }));

const words = CopyRequest.shape.preserve.def.innerType.element.options;
const standard = CopyRequest.parse({ src: 's3://source' }).preserve;

type Values = Readonly<Record<string, unknown>>;

const kinds = ['simple', 'staged', 'fanned-out', 'direct', 'fanned-out-direct'] as const;

describe('the table of properties', () => {
  let place: Place;
  const source: Record<string, Values> = {};
  let plain: Values;
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await lockable('source');
    await putEverything(place.s3, 'source', 'simple', { parts: 0, tags: longTags });
    await putEverything(place.s3, 'source', 'staged', { parts: 2 });
    await putEverything(place.s3, 'source', 'fanned-out', { parts: 2, tags: longTags });
    await putEverything(place.s3, 'source', 'direct', { parts: 2, tags: longTags });
    await putEverything(place.s3, 'source', 'fanned-out-direct', { parts: 2 });
    for (const kind of kinds) source[kind] = await propertiesOf(place.s3, 'source', kind);
    plain = await newObject(await lockable('plain-bucket'));
  });
  afterAll(() => place.close());

  const lockable = (name: string): Promise<string> =>
    place.bucket(name, { ObjectOwnership: 'ObjectWriter', ObjectLockEnabledForBucket: true });

  async function newObject(bucket: string): Promise<Values> {
    await place.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'plain', Body: 'x', ContentType: 'binary/octet-stream' }),
    );
    return propertiesOf(place.s3, bucket, 'plain');
  }

  /** Copies each kind of object, and reads what the copies have. */
  async function copies(request: Record<string, unknown>): Promise<Record<string, Values>> {
    count += 1;
    const destination = await lockable(`destination-${count}`);
    const staged = await place.run(destination, request);
    const direct = await place.run(destination, { ...request, strategy: 'direct' });
    const values: Record<string, Values> = {};
    for (const kind of kinds) {
      const run = kind.endsWith('direct') ? direct : staged;
      const ended = await (kind.startsWith('fanned-out') ? place.fanOut(run, kind) : place.copy(run, kind));
      expect(ended).toMatchObject({ status: 'copied' });
      values[kind] = await propertiesOf(place.s3, destination, kind);
    }
    return values;
  }

  it('has a line for every property that is looked at, and no other', () => {
    expect(rows.map(({ property }) => property).sort()).toEqual(Object.keys(plain).sort());
  });

  it('tests something: each property of the source is other than that of any new object', () => {
    for (const kind of kinds) {
      for (const { property } of rows)
        expect(source[kind]?.[property], property).not.toEqual(plain[property]);
    }
  });

  it.each(rows)('says by default "$byDefault" of $property, and means the default of preserve', (row) => {
    const isKept = standard.some((word) => word === row.word);
    expect(row.byDefault).toBe(row.word === '' ? 'set' : isKept ? 'kept' : 'dropped');
  });

  it.each([
    { preserve: undefined, why: 'by default' },
    { preserve: [], why: 'with nothing preserved' },
    { preserve: [...words], why: 'with everything preserved' },
    ...words.map((word) => ({ preserve: [word], why: `with ${word} alone preserved` })),
  ])('is right $why, for an object of every kind', async ({ preserve }) => {
    const copied = await copies(preserve === undefined ? {} : { preserve });
    const carried: readonly string[] = preserve ?? standard;
    for (const kind of kinds) {
      for (const { property, word } of rows) {
        const expected = carried.includes(word) ? source[kind] : plain;
        expect({ kind, property, is: copied[kind]?.[property] }).toEqual({
          kind,
          property,
          is: expected?.[property],
        });
      }
    }
  });

  const group = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';
  const key = 'arn:aws:kms:us-east-1:123456789012:key/destination';

  it.each([
    { field: 'storageClass', value: 'GLACIER_IR', property: 'storage class', is: 'GLACIER_IR' },
    { field: 'sse', value: { algorithm: 'AES256' }, property: 'encryption', is: ['AES256', undefined] },
    {
      field: 'acl',
      value: 'authenticated-read',
      property: 'ACL',
      is: expect.arrayContaining([`READ ${group}`]),
    },
    {
      field: 'aclGrant',
      value: ['READ:id=somebody', 'READ_ACP:id=other', 'WRITE_ACP:id=other', `FULL_CONTROL:uri=${group}`],
      property: 'ACL',
      is: [`FULL_CONTROL ${group}`, 'READ somebody', 'READ_ACP other', 'WRITE_ACP other'],
    },
    {
      field: 'aclGrant',
      value: ['WRITE:id=somebody', 'READ:id=somebody'],
      property: 'ACL',
      is: ['READ somebody', 'WRITE somebody'],
    },
  ])('is right that $field sets $property, also against preserve', async ({ field, value, property, is }) => {
    expect(rows.find((row) => row.property === property)?.fields.split(', ')).toContain(field);
    const copied = await copies({ [field]: value, preserve: [...words] });
    for (const kind of kinds) expect(copied[kind]?.[property]).toEqual(is);
  });

  it('is right that sse sets the key and the bucket key, also of part files', async () => {
    const copied = await copies({ sse: { algorithm: 'aws:kms', key, bucketKey: true } });
    const encrypted = { encryption: ['aws:kms', key], 'bucket key': true };
    for (const kind of kinds) expect(copied[kind]).toMatchObject(encrypted);
    const { Contents = [] } = await place.s3.send(
      new ListObjectsV2Command({ Bucket: `destination-${count}`, Prefix: 'temp/staged/' }),
    );
    const files = Contents.map(({ Key = '' }) => Key).filter((file) => /-\d{5}$/.test(file));
    expect(files).toHaveLength(4);
    for (const file of files)
      expect(await propertiesOf(place.s3, `destination-${count}`, file)).toMatchObject(encrypted);
  });
});
