import { describe, expect, it } from 'vitest';
import { type Allowed, refuseOthers } from '../../../core/access/allowed.ts';
import { parseCopyRequest } from '../../../core/model/copy-request.ts';

const known = 'arn:aws:iam::111111111111:role/known';
const other = 'arn:aws:iam::111111111111:role/other';
const [knownKey, otherKey] = ['1', '2'].map(
  (digit) => `arn:aws:kms:eu-west-1:111111111111:key/0000000${digit}-0000-0000-0000-000000000000`,
) as [string, string];
const allowed: Allowed = {
  source: ['source'],
  destination: ['destination', 'parts'],
  lists: ['s3://lists/ours/'],
  roles: [known],
  keys: [knownKey],
};

const isWork = (bucket: string): boolean => bucket === 'work';

const refuse =
  (request: Record<string, unknown>, of: Allowed = allowed) =>
  () =>
    refuseOthers(parseCopyRequest({ src: 's3://source', dest: 's3://destination', ...request }), of, isWork);

describe('what the stack was not deployed for', () => {
  it.each([
    { request: { roles: { copy: other } }, words: `roles.copy: role "${other}" is not one` },
    { request: { roles: { copy: known, destination: other } }, words: `roles.destination: role "${other}"` },
    {
      request: { roles: { copy: { arn: other, externalId: 'agreed' } } },
      words: `deploy it with -c roles=${other}`,
    },
    {
      request: { src: 's3://else' },
      words: 'src: bucket "else" is not one this stack was deployed for: allowed are "source"',
    },
    { request: { dest: 's3://else' }, words: 'dest: bucket "else" .* allowed are "destination", "parts"' },
    { request: { tempPrefix: 's3://else/t' }, words: 'tempPrefix: bucket "else" .*-c destination=else' },
    {
      request: { filesFrom: 's3://lists/theirs/x' },
      words: 'filesFrom: "s3://lists/theirs/x" is neither in the source',
    },
    { request: { prefixesFrom: 's3://else/x' }, words: 'prefixesFrom: "s3://else/x" is neither' },
    {
      request: { sse: { algorithm: 'aws:kms', key: otherKey } },
      words: `sse.key: key "${otherKey}" is not one this stack was deployed for: allowed are "${knownKey}"`,
    },
  ])('is refused by the name of its field: $request', ({ request, words }) => {
    expect(refuse(request)).toThrow(expect.objectContaining({ name: 'InvalidRequestError' }));
    expect(refuse(request)).toThrow(new RegExp(words.replaceAll('.* ', '.*')));
  });

  it.each([
    { request: { dest: 's3://work' }, why: 'copies would lie among the files of runs' },
    { request: { dest: 's3://work/mine', delete: true }, why: 'a delete would remove files of runs' },
    { request: { dest: 's3://work', dryRun: true }, why: 'a dry run plans what cannot be done' },
    { request: { tempPrefix: 's3://work/t' }, why: 'part files would lie among the files of runs' },
  ])('the work bucket cannot be written to, whatever is allowed: $request, because $why', ({ request }) => {
    const field = 'dest' in request ? 'dest' : 'tempPrefix';
    const any = { ...allowed, destination: ['*'] };

    expect(refuse(request, any)).toThrow(expect.objectContaining({ name: 'InvalidRequestError' }));
    expect(refuse(request, any)).toThrow(`${field}: "work" is the work bucket`);
  });

  const switches = { delete: false, acl: false, objectLock: false };
  const careful = { ...allowed, temp: ['temp/'], switches };

  it.each([
    { request: { delete: true }, words: 'delete: this stack may delete nothing .*-c delete=true' },
    { request: { acl: 'private' }, words: 'acl: this stack may neither .*-c acl=true' },
    { request: { aclGrant: ['READ:id=1'] }, words: 'aclGrant: this stack may neither .*-c acl=true' },
    { request: { preserve: ['acl'] }, words: 'preserve: "acl": this stack .*-c acl=true' },
    { request: { preserve: ['objectLock'] }, words: 'preserve: "objectLock": .*-c objectLock=true' },
    {
      request: { keepParts: false, tempPrefix: 'parts' },
      words:
        'tempPrefix: "parts/" is not a folder in which this stack may delete part files: allowed are "temp/"',
    },
    {
      request: { keepParts: false, tempPrefix: 'temporary' },
      words: '-c temp=temporary/ .*`keepParts: true`',
    },
    { request: { keepParts: false, tempPrefix: '' }, words: "-c temp='\\*'" },
  ])('needs a switch that is off: $request', ({ request, words }) => {
    expect(refuse(request, careful)).toThrow(new RegExp(words));
    const on = { delete: true, acl: true, objectLock: true };
    expect(refuse(request, { ...careful, temp: ['*'], switches: on })).not.toThrow();
    expect(refuse(request, allowed)).not.toThrow();
  });

  it.each([
    { request: { delete: true, dryRun: true }, why: 'a dry run deletes nothing' },
    { request: { delete: true, roles: { destination: known } }, why: 'a role deletes' },
    { request: { delete: true, roles: { copy: known } }, why: 'a role deletes' },
    { request: { acl: 'private', preserve: ['objectLock'], roles: { copy: known } }, why: 'a role copies' },
    { request: { keepParts: false, tempPrefix: 'temp/mine' }, why: 'it is a folder of the temp area' },
    { request: { tempPrefix: 'parts' }, why: 'part files are kept' },
    { request: { keepParts: false, tempPrefix: 'parts', strategy: 'direct' }, why: 'there are none' },
  ])('needs no switch: $request, since $why', ({ request }) => {
    expect(refuse(request, careful)).not.toThrow();
  });

  it('is not the work bucket as a source, whose reports may be copied elsewhere', () => {
    expect(refuse({ src: 's3://work' }, { ...allowed, source: ['*'] })).not.toThrow();
  });

  it('are all roles, when it was deployed for none', () => {
    const { roles: _, ...none } = allowed;
    expect(refuse({ roles: { copy: known } }, none)).toThrow('allowed are none');
    expect(refuse({}, none)).not.toThrow();
  });

  it('is not what it was deployed for', () => {
    const request = {
      roles: { copy: known, destination: known },
      tempPrefix: 's3://parts/t',
      filesFrom: 's3://lists/ours/x',
      prefixesFrom: 's3://work/y',
    };
    expect(refuse(request)).not.toThrow();
    const any = { ...allowed, source: ['*'], destination: ['*'], roles: ['*'] };
    expect(
      refuse({ ...request, src: 's3://else', dest: 's3://more', roles: { copy: other } }, any),
    ).not.toThrow();
  });
});
