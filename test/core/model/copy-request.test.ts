import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyRequest, parseCopyRequest } from '../../../core/model/copy-request.ts';
import { CopyError } from '../../../core/model/errors.ts';
import { localRoles } from '../../../core/model/roles.ts';

type Input = Readonly<Record<string, unknown>>;

const least: Input = { src: 's3://source/a', dest: 's3://destination' };

const parse = (fields: Input): CopyRequest => parseCopyRequest({ ...least, ...fields });

const refusalOf = (input: unknown): string => {
  try {
    parseCopyRequest(input);
  } catch (error) {
    expect(error).toBeInstanceOf(CopyError);
    expect(error).toHaveProperty('name', 'InvalidRequestError');
    return (error as CopyError).message;
  }
  throw new Error(`accepted ${JSON.stringify(input)}`);
};

const refusal = (fields: Input): string => refusalOf({ ...least, ...fields });

const defaults = {
  files: [],
  prefixes: [],
  include: [],
  exclude: [],
  compare: 'content',
  delete: false,
  maxDelete: { count: 1000, percent: 10 },
  dryRun: false,
  compareOnly: false,
  strategy: 'staged',
  partSize: 67_108_864,
  keepParts: true,
  tempPrefix: { prefix: 'temp/' },
  fanOutAbove: 1_073_741_824,
  overwrite: 'ifUnchanged',
  verify: 'best',
  preserve: ['metadata', 'tags'],
  aclGrant: [],
  archived: 'fail',
  workers: 8,
  concurrency: 40,
  roles: {},
  requestPayer: false,
  logLevel: 'INFO',
};

const sizeWords = 'a whole number of bytes, or a number with a binary unit such as "64MiB" or "1.5GiB"';
const partSizeWords = 'must be "source", or from 5MiB to 5GiB';
const role = 'arn:aws:iam::123456789012:role/copier';
const grantWords =
  'must be PERMISSION:id=CANONICAL_ID or PERMISSION:uri=GROUP_URI, with PERMISSION one of READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL';
const patternWords = 'cannot be combined with a src that ends in a pattern: name the folder in src';
const starWords = 'may have a * only as its last character';

describe('the defaults of a request', () => {
  it('are those of the documentation', () => {
    expect(parseCopyRequest(least)).toEqual({
      ...defaults,
      src: { bucket: 'source', path: 'a' },
      dest: { bucket: 'destination', path: '' },
    });
  });

  it('are the same without a destination, which lists the source', () => {
    expect(parseCopyRequest({ src: 's3://source' })).toEqual({
      ...defaults,
      src: { bucket: 'source', path: '' },
    });
  });

  const neverSaid = ['tempPrefix', 'files', 'prefixes', 'include', 'aclGrant'];

  it.each(Object.entries(defaults).filter(([field]) => !neverSaid.includes(field)))(
    'may be said: %s %j',
    (field, value) => {
      expect(parse({ [field]: value })).toEqual(parseCopyRequest(least));
    },
  );

  it('fill what is left out of maxDelete', () => {
    expect(CopyRequest.parse({ ...least, maxDelete: { count: 5 } }).maxDelete).toEqual({
      count: 5,
      percent: 10,
    });
    expect(CopyRequest.parse({ ...least, maxDelete: { percent: 5 } }).maxDelete).toEqual({
      count: 1000,
      percent: 5,
    });
  });

  it('belong to every field but those that may be left out', () => {
    const optional = [
      'filesFrom',
      'prefixesFrom',
      'storageClass',
      'sse',
      'acl',
      'maxObjects',
      'maxBytes',
      'srcOwner',
      'destOwner',
    ];
    expect(Object.keys(CopyRequest.shape).sort()).toEqual(
      ['src', 'dest', ...Object.keys(defaults), ...optional].sort(),
    );
  });
});

describe('an empty list', () => {
  it.each([
    { field: 'files', why: 'a program that found nothing to copy would copy everything' },
    { field: 'prefixes', why: 'a program that found nothing to copy would copy everything' },
    { field: 'include', why: 'no key matches one of none, and every key would pass' },
    { field: 'aclGrant', why: 'it is the whole ACL, and the one of the source would be kept' },
  ])('of $field is refused, with the advice to leave it out, because $why', ({ field }) => {
    expect(refusal({ [field]: [] })).toContain(`${field}: [] is an empty list: leave the field out to `);
  });

  it('of files cannot make delete pass, which no list of files allows', () => {
    expect(refusal({ files: [], delete: true })).toContain('files: [] is an empty list');
  });

  it.each([
    { field: 'exclude', why: 'nothing is left out' },
    { field: 'preserve', why: 'nothing is carried besides the bytes' },
  ])('of $field is accepted, because it says what it does: $why', ({ field }) => {
    expect(parse({ [field]: [] })).toHaveProperty(field, []);
  });
});

describe('a destination with a *', () => {
  it.each(['*', 'a/*', 'a*', 'a/*/b'])('is refused, because no copy is meant for a folder %j', (path) => {
    expect(refusal({ dest: `s3://destination/${path}` })).toContain(
      `dest: "s3://destination/${path}" must be a folder without *`,
    );
  });

  it.each(['*', 'temp/*', 's3://parts/*'])('is refused for part files too: %j', (tempPrefix) => {
    expect(refusal({ tempPrefix })).toContain(
      `tempPrefix: ${JSON.stringify(tempPrefix)} must be a folder without *`,
    );
  });
});

describe('what a request may say', () => {
  it.each<[string, unknown, unknown]>([
    ['files', ['x', '.', 'a/b'], ['x', '.', 'a/b']],
    ['prefixes', ['x', 'x*', 'x/*', ''], ['x', 'x*', 'x/*', '']],
    ['filesFrom', 's3://lists/a.txt', { bucket: 'lists', path: 'a.txt' }],
    ['prefixesFrom', 's3://lists/a.txt', { bucket: 'lists', path: 'a.txt' }],
    ['compare', 'newer', 'newer'],
    ['compare', 'size', 'size'],
    ['compare', 'always', 'always'],
    ['dryRun', true, true],
    ['roles', { copy: role }, { copy: { arn: role } }],
    [
      'roles',
      { destination: { arn: role, externalId: 'secret' } },
      { destination: { arn: role, externalId: 'secret' } },
    ],
    ['roles', { copy: `${localRoles}copy` }, { copy: { arn: `${localRoles}copy` } }],
    ['srcOwner', '123456789012', '123456789012'],
    ['destOwner', '123456789012', '123456789012'],
    ['requestPayer', true, true],
    ['partSize', '5MiB', 5_242_880],
    ['partSize', 5_242_880, 5_242_880],
    ['partSize', '5GiB', 5_368_709_120],
    ['partSize', 5_368_709_120, 5_368_709_120],
    ['keepParts', false, false],
    ['tempPrefix', 'parts', { prefix: 'parts/' }],
    ['tempPrefix', 'parts/', { prefix: 'parts/' }],
    ['tempPrefix', '', { prefix: '' }],
    ['tempPrefix', 's3://other/parts', { bucket: 'other', prefix: 'parts/' }],
    ['tempPrefix', 's3://other', { bucket: 'other', prefix: '' }],
    ['tempPrefix', 'p'.repeat(900), { prefix: `${'p'.repeat(900)}/` }],
    ['fanOutAbove', 0, 0],
    ['fanOutAbove', '50TiB', 54_975_581_388_800],
    ['overwrite', 'always', 'always'],
    ['overwrite', 'never', 'never'],
    ['workers', 1, 1],
    ['workers', 1000, 1000],
    ['concurrency', 1, 1],
    ['concurrency', 500, 500],
    ['maxObjects', 0, 0],
    ['maxBytes', '1TiB', 1_099_511_627_776],
    ['maxBytes', 0, 0],
    ['logLevel', 'DEBUG', 'DEBUG'],
    ['logLevel', 'WARN', 'WARN'],
    ['logLevel', 'ERROR', 'ERROR'],
    ['src', `s3://source/${'k'.repeat(1024)}`, { bucket: 'source', path: 'k'.repeat(1024) }],
    ['src', 's3://source/a*', { bucket: 'source', path: 'a*' }],
    ['src', 's3://source/*', { bucket: 'source', path: '*' }],
    ['dest', 's3://destination/a/[?]', { bucket: 'destination', path: 'a/[?]' }],
  ])('%s: %j', (field, value, parsed) => {
    expect(parse({ [field]: value })[field as keyof CopyRequest]).toEqual(parsed);
  });
});

describe('what a request may not say is refused by field and value, with what is allowed', () => {
  it.each<[unknown, string]>([
    [undefined, 'request: is required (must be of type object)'],
    [null, 'request: null must be of type object'],
    ['s3://source', 'request: "s3://source" must be of type object'],
    [[], 'request: [] must be of type object'],
    [{}, 'src: is required (must be of type string)'],
    [{ src: 5 }, 'src: 5 must be of type string'],
  ])('the request %j', (input, message) => {
    expect(refusalOf(input)).toBe(message);
  });

  it.each<[string, unknown, string]>([
    ['src', 'source/a', 'must have the form s3://bucket or s3://bucket/path'],
    [
      'src',
      's3://x',
      'bucket "x" is not a bucket name: 3 to 255 letters, digits, dots, dashes and underscores',
    ],
    [
      'src',
      's3://a--x--x-s3',
      'bucket "a--x--x-s3" is a directory bucket (S3 Express), which s3copy does not support',
    ],
    ['src', 's3://source/a\ud800', 'must have a path of at most 1024 bytes of well-formed Unicode'],
    [
      'src',
      's3://source/a*b',
      'may have a * only as its last character, as in s3://bucket/folder/* or s3://bucket/folder/name*',
    ],
    [
      'src',
      's3://source/a/**',
      'may have a * only as its last character, as in s3://bucket/folder/* or s3://bucket/folder/name*',
    ],
    ['dest', null, 'must be of type string'],
    ['dest', 'destination', 'must have the form s3://bucket or s3://bucket/path'],
    ['filesFrom', 's3://lists', 'must name an object, such as s3://bucket/list.txt'],
    ['filesFrom', 's3://lists/a/', 'must name an object, such as s3://bucket/list.txt'],
    ['prefixesFrom', 's3://lists/', 'must name an object, such as s3://bucket/list.txt'],
    ['files', 'a', 'must be of type array'],
    ['prefixes', 'a', 'must be of type array'],
    ['compare', 'etag', 'must be one of "content", "newer", "size", "always"'],
    ['delete', 'yes', 'must be of type boolean'],
    ['maxDelete', 5, 'must be of type object'],
    ['dryRun', 1, 'must be of type boolean'],
    ['compareOnly', null, 'must be of type boolean'],
    ['strategy', 'fast', 'must be one of "staged", "direct"'],
    ['partSize', 5_242_879, partSizeWords],
    ['partSize', 5_368_709_121, partSizeWords],
    ['partSize', '5119KiB', partSizeWords],
    ['partSize', '64MB', `must be "source", or must be ${sizeWords}`],
    ['partSize', true, `must be "source", or must be ${sizeWords}`],
    ['keepParts', 'no', 'must be of type boolean'],
    ['tempPrefix', 5, 'must be of type string'],
    ['tempPrefix', 'p'.repeat(901), 'must be at most 900 bytes'],
    ['tempPrefix', '\udc00', 'is not well-formed Unicode, which keys are'],
    [
      'tempPrefix',
      's3://x/parts',
      'bucket "x" is not a bucket name: 3 to 255 letters, digits, dots, dashes and underscores',
    ],
    ['fanOutAbove', -1, `must be ${sizeWords}`],
    ['fanOutAbove', 54_975_581_388_801, 'must be from 0 to 50TiB'],
    ['fanOutAbove', {}, `must be ${sizeWords}`],
    ['overwrite', true, 'must be one of "ifUnchanged", "always", "never"'],
    ['verify', 'no', 'must be one of "best", "required"'],
    ['preserve', 'tags', 'must be of type array'],
    ['acl', 'public', expect.stringContaining('must be one of "private", "public-read"')],
    ['storageClass', 'COLD', expect.stringContaining('must be one of "STANDARD", "REDUCED_REDUNDANCY"')],
    ['sse', 'AES256', 'must be of type object'],
    ['sse', { algorithm: 'AES256', key: 'k' }, 'may have key and bucketKey with algorithm "aws:kms" only'],
    [
      'sse',
      { algorithm: 'AES256', bucketKey: true },
      'may have key and bucketKey with algorithm "aws:kms" only',
    ],
    ['archived', 'restore', 'must be one of "fail", "skip"'],
    ['workers', 0, 'must be at least 1'],
    ['workers', 1001, 'must be at most 1000'],
    ['workers', 1.5, 'must be a whole number'],
    ['workers', '8', 'must be of type number'],
    ['concurrency', 0, 'must be at least 1'],
    ['concurrency', 501, 'must be at most 500'],
    ['maxObjects', -1, 'must be at least 0'],
    ['maxBytes', -1, `must be ${sizeWords}`],
    ['roles', 'copy', 'must be of type object'],
    ['srcOwner', '12345678901', 'must be an account id of 12 digits'],
    ['srcOwner', 123456789012, 'must be of type string'],
    ['destOwner', '1234567890123', 'must be an account id of 12 digits'],
    ['requestPayer', 'requester', 'must be of type boolean'],
    ['logLevel', 'info', 'must be one of "DEBUG", "INFO", "WARN", "ERROR"'],
  ])('%s: %j', (field, value, words) => {
    const message = refusal({ [field]: value });
    const shown = JSON.stringify(value);
    const start = `${field}: ${shown.length > 200 ? `${shown.slice(0, 200)}…` : shown} `;
    expect(message.slice(0, start.length)).toBe(start);
    expect(message.slice(start.length)).toEqual(words);
  });

  it.each<[Input, string]>([
    [{ files: ['a', ''] }, 'files.1: "" must be at least 1 characters long'],
    [{ files: [5] }, 'files.0: 5 must be of type string'],
    [{ files: ['\ud800'] }, 'files.0: "\\ud800" is not well-formed Unicode, which keys are'],
    [{ prefixes: ['\udfff'] }, 'prefixes.0: "\\udfff" is not well-formed Unicode, which keys are'],
    [{ prefixes: ['ok', 'a*b'] }, `prefixes.1: "a*b" ${starWords}`],
    [{ prefixes: ['**'] }, `prefixes.0: "**" ${starWords}`],
    [{ exclude: ['a[b'] }, 'exclude.0: "a[b" has a [ without its ]; write \\[ for the character itself'],
    [{ include: [''] }, 'include.0: "" must be at least 1 characters long'],
    [{ exclude: [5] }, 'exclude.0: 5 must be of type string'],
    [{ maxDelete: { count: -1 } }, 'maxDelete.count: -1 must be at least 0'],
    [{ maxDelete: { count: 0.5 } }, 'maxDelete.count: 0.5 must be a whole number'],
    [{ maxDelete: { percent: -0.1 } }, 'maxDelete.percent: -0.1 must be at least 0'],
    [{ maxDelete: { percent: 100.1 } }, 'maxDelete.percent: 100.1 must be at most 100'],
    [
      { preserve: ['tags', 'owner'] },
      expect.stringMatching(/^preserve\.1: "owner" must be one of "metadata", /),
    ],
    [{ sse: {} }, 'sse.algorithm: nothing must be one of "AES256", "aws:kms"'],
    [{ sse: { algorithm: 'aws:kms', key: '' } }, 'sse.key: "" must be at least 1 characters long'],
    [{ roles: { copy: 'admin' } }, 'roles.copy.arn: "admin" must be the ARN of an IAM role'],
    [{ roles: { destination: { arn: 'x' } } }, 'roles.destination.arn: "x" must be the ARN of an IAM role'],
    [{ roles: { copy: 5 } }, 'roles.copy: 5 must be of type object'],
    [
      { roles: { copy: { arn: role, externalId: 'x' } } },
      'roles.copy.externalId: "x" must be at least 2 characters long',
    ],
    [
      { roles: { copy: { arn: role, externalId: 'x'.repeat(1225) } } },
      `roles.copy.externalId: "${'x'.repeat(199)}… must be at most 1224 characters long`,
    ],
  ])('%j', (fields, message) => {
    expect(refusal(fields)).toEqual(message);
  });

  it.each<[Input, string, string]>([
    [{ sorce: 1 }, 'unknown field "sorce"', 'src, dest, files'],
    [{ Files: [] }, 'unknown field "Files"', 'src, dest, files'],
    [{ a: 1, b: 2 }, 'unknown field "a", "b"', 'src, dest, files'],
    [{ maxDelete: { bytes: 1 } }, 'unknown field "bytes" in maxDelete', 'count, percent'],
    [{ roles: { source: role } }, 'unknown field "source" in roles', 'copy, destination'],
    [{ roles: { copy: { arn: role, id: 1 } } }, 'unknown field "id" in roles.copy', 'arn, externalId'],
    [
      { roles: { destination: { arn: role, x: 1 } } },
      'unknown field "x" in roles.destination',
      'arn, externalId',
    ],
    [{ sse: { algorithm: 'AES256', kms: 1 } }, 'unknown field "kms" in sse', 'algorithm, key, bucketKey'],
  ])('the unknown field in %j', (fields, start, allowed) => {
    expect(refusal(fields)).toContain(`${start}: allowed are ${allowed}`);
  });

  it('refuses __proto__ like any unknown field', () => {
    expect(refusalOf(JSON.parse('{"src":"s3://source","__proto__":{"dest":1}}'))).toContain(
      'unknown field "__proto__"',
    );
  });

  it('names each of several problems', () => {
    expect(refusal({ workers: 0, dryRun: 5, foo: 1 })).toMatch(
      /^dryRun: 5 must be of type boolean; workers: 0 must be at least 1; unknown field "foo": /,
    );
  });

  it('names the first ten of many problems, so that the cause stays short enough to be shown', () => {
    const message = refusal({ files: Array.from({ length: 12_345 }, () => '') });
    expect(message.split('; ')).toHaveLength(11);
    expect(message).toMatch(/; and 12335 more$/);
  });
});

describe('an e-mail address in aclGrant', () => {
  it.each(['READ:user@example.com', 'FULL_CONTROL:emailAddress=user@example.com', 'WRITE:emailAddress=x'])(
    'is refused with the reason and with what to use instead: %s',
    (grant) => {
      const message = refusal({ aclGrant: [grant] });
      expect(message).toMatch(
        `aclGrant.0: "${grant}" names an e-mail address, which S3 refuses since 2025-10-01`,
      );
      expect(message).toMatch(/canonical user id of the account \(id=….*group \(uri=…\) instead$/);
    },
  );

  it.each(['READ', 'READ:', 'READ:id=', 'READ:uri=', 'OWN:id=1', 'read:id=1', 'READ:name=x', ':id=1', ''])(
    'is not confused with another mistake: %j',
    (grant) => {
      expect(refusal({ aclGrant: [grant] })).toBe(`aclGrant.0: ${JSON.stringify(grant)} ${grantWords}`);
    },
  );

  it('is not seen in right globs', () => {
    const globs = { include: ['*.[jt]s', 'a\\*'], exclude: ['?'] };
    expect(parse(globs)).toMatchObject(globs);
  });

  it.each([
    'READ:id=79a5',
    'FULL_CONTROL:uri=http://acs.amazonaws.com/groups/global/AllUsers',
    'READ:id=a@b',
  ])('is not seen in a right grant: %s', (grant) => {
    expect(parse({ aclGrant: [grant] }).aclGrant).toEqual([grant]);
  });
});

describe('combinations that no run can mean', () => {
  const lists = 'cannot be combined with files or filesFrom: what a list leaves out is not extra';

  it.each<[Input, string]>([
    [{ delete: true, files: ['a'] }, `delete: true ${lists}`],
    [{ delete: true, filesFrom: 's3://lists/a' }, `delete: true ${lists}`],
    [{ delete: true, dest: undefined }, 'delete: true needs dest'],
    [{ compareOnly: true, dest: undefined }, 'compareOnly: true needs dest'],
    [
      { acl: 'private', aclGrant: ['READ:id=1'] },
      'aclGrant: ["READ:id=1"] cannot be combined with acl, as in S3 itself',
    ],
    [{ src: 's3://source/a*', files: ['x'] }, `files: ["x"] ${patternWords}`],
    [{ src: 's3://source/a*', prefixes: ['x'] }, `prefixes: ["x"] ${patternWords}`],
    [
      { src: 's3://source/a*', filesFrom: 's3://lists/a.txt' },
      `filesFrom: "s3://lists/a.txt" ${patternWords}`,
    ],
    [
      { src: 's3://source/a*', prefixesFrom: 's3://lists/a.jsonl' },
      `prefixesFrom: "s3://lists/a.jsonl" ${patternWords}`,
    ],
    [{ files: ['k'.repeat(1023)] }, `files.0: "${'k'.repeat(199)}… names a key of more than 1024 bytes`],
  ])('are refused: %j', (fields, message) => {
    expect(refusal(fields)).toBe(message);
  });

  it.each<[Input, string]>([
    [
      { src: 's3://source/a*', filesFrom: 's3://lists/failures.jsonl' },
      'lines of .jsonl may name the whole key',
    ],
    [{ src: 's3://source/a/*', files: ['x'] }, 'a folder may be written with a star'],
    [{ src: 's3://source/*', files: ['x'] }, 'so may the whole bucket'],
    [{ files: ['k'.repeat(1022)] }, 'a key of 1,024 bytes with its folder'],
    [
      { files: ['a'], prefixes: ['a'], filesFrom: 's3://lists/a', prefixesFrom: 's3://lists/b' },
      'lists are a union',
    ],
  ])('are not seen where there are none: %j (%s)', (fields) => {
    expect(() => parse(fields)).not.toThrow();
  });
});

describe('a field at its default', () => {
  it.each<[string, unknown]>([
    ['maxDelete', {}],
    ['roles', {}],
    ['partSize', '64MiB'],
  ])('is accepted in any spelling: %s %j', (field, value) => {
    expect(() => parse({ [field]: value })).not.toThrow();
  });
});

describe('the owner of a bucket that is read and written', () => {
  const owners = { srcOwner: '111111111111', destOwner: '222222222222' };
  const words =
    'destOwner: "222222222222" is another account than srcOwner 111111111111, for the same bucket';

  it.each([
    { fields: { src: 's3://one/a', dest: 's3://one/b', ...owners }, why: 'source and destination' },
    { fields: { tempPrefix: 's3://source/temp', ...owners }, why: 'source and part files' },
  ])('is one account: $why', ({ fields }) => {
    expect(refusal(fields)).toBe(words);
  });

  it.each([
    { fields: owners, why: 'two buckets' },
    { fields: { dest: 's3://source/b', srcOwner: '111111111111' }, why: 'only the source has one' },
    { fields: { dest: 's3://source/b', destOwner: '111111111111' }, why: 'only the destination has one' },
    { fields: { dest: 's3://source/b', ...owners, destOwner: owners.srcOwner }, why: 'the same' },
  ])('may be said otherwise: $why', ({ fields }) => {
    expect(() => parse(fields)).not.toThrow();
  });
});

describe('any input', () => {
  const endsWell = (input: unknown): boolean => {
    try {
      parseCopyRequest(input);
      return true;
    } catch (error) {
      if (error instanceof CopyError && error.name === 'InvalidRequestError') return error.message !== '';
      throw error;
    }
  };

  it('is parsed or refused, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (input) => endsWell(input)),
      { numRuns: 2_000 },
    );
  });

  const nearlyRight = fc.constantFrom<unknown>(
    ...[
      's3://source',
      's3://source/a*',
      's3://x',
      's3://',
      'a',
      '',
      '*',
      '**',
      '\ud800',
      'source',
      '5MiB',
      '6GiB',
    ],
    ...[
      'READ:id=1',
      'READ:a@b',
      'AES256',
      'always',
      'never',
      'private',
      'direct',
      role,
      's3://lists/a.jsonl',
    ],
    ...[0, 1, -1, 1.5, 1e300, 5_242_880, 67_108_864, true, false, null],
    ...[[], ['a'], [''], ['a*b'], [null], [['a']], ['READ:a@b'], ['tags'], {}, { arn: role }],
    ...[
      { copy: role },
      { count: 1 },
      { percent: 101 },
      { algorithm: 'aws:kms' },
      { algorithm: 'x' },
      { x: 1 },
    ],
  );
  const fields = fc.dictionary(fc.constantFrom(...Object.keys(CopyRequest.shape), 'other'), nearlyRight, {
    maxKeys: 8,
  });

  it('is parsed or refused, whatever combination of fields and values it is', () => {
    fc.assert(
      fc.property(fields, fc.boolean(), (input, isComplete) =>
        endsWell(isComplete ? { ...least, ...input } : input),
      ),
      { numRuns: 3_000 },
    );
  });
});
