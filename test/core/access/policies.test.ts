import { describe, expect, it } from 'vitest';
import { type Policy, type PolicyNeeds, policiesFor, type Statement } from '../../../core/access/policies.ts';

const [there, here, stack] = ['111111111111', '222222222222', '333333333333'];
const copyRole = { arn: `arn:aws:iam::${here}:role/copier`, externalId: 'agreed' };
const destinationRole = { arn: `arn:aws:iam::${here}:role/lister` };
const key = `arn:aws:kms:eu-west-1:${there}:key/1`;

const least: PolicyNeeds = {
  source: { bucket: 'source', path: '' },
  destination: { bucket: 'destination', path: '' },
  sourceAccount: undefined,
  destinationAccount: undefined,
  stackAccount: stack,
  stackName: 's3copy',
  partition: 'aws',
  copyRole: undefined,
  destinationRole: undefined,
  keys: [],
  temp: { prefix: 'temp/' },
  strategy: 'staged',
  keepParts: true,
  deletes: false,
  properties: false,
  files: [],
  prefixes: [],
  filesFrom: undefined,
  prefixesFrom: undefined,
};

const policies = (needs: Partial<PolicyNeeds> = {}): Policy[] => policiesFor({ ...least, ...needs });
const titles = (found: readonly Policy[]): string[] => found.map(({ title }) => title);
const find = (found: readonly Policy[], words: string): readonly Statement[] =>
  found.find(({ title }) => title.includes(words))?.document.Statement ?? [];
const sids = (statements: readonly Statement[]): string[] => statements.map(({ Sid }) => Sid);
const bySid = (statements: readonly Statement[], sid: string): Statement | undefined =>
  statements.find(({ Sid }) => Sid === sid);

describe('the policies of a run', () => {
  it('are the permissions of the functions alone in one account', () => {
    const found = policies();
    expect(titles(found)).toEqual([`permissions of the functions of s3copy, in account ${stack}`]);
    expect(sids(found[0]?.document.Statement ?? [])).toEqual([
      'ListSource',
      'ReadSource',
      'WriteDestination',
      'FindUploads',
      'ListPartFiles',
      'SeeObjectLock',
      'ListDestination',
      'CompareDestination',
    ]);
  });

  it('never have two statements of one id, nor a wildcard in an action', () => {
    const all = policies({
      sourceAccount: there,
      destinationAccount: there,
      copyRole,
      destinationRole,
      keys: [key],
      deletes: true,
      properties: true,
    });
    for (const { document } of all) {
      const ids = sids(document.Statement);
      expect(new Set(ids).size).toBe(ids.length);
      expect(document.Statement.flatMap(({ Action }) => Action).join()).not.toContain('*');
    }
  });

  it('reach no further than the paths of both ends, and the part files', () => {
    const [own] = policies({
      source: { bucket: 'source', path: 'folder-001' },
      destination: { bucket: 'destination', path: 'copy' },
      deletes: true,
      keepParts: false,
    });
    const statements = own?.document.Statement ?? [];
    const prefixesOf = (sid: string) =>
      bySid(statements, sid)?.Condition?.['StringLike']?.['s3:prefix'] as readonly string[];
    const targets = [
      'arn:aws:s3:::destination/copy/folder-001',
      'arn:aws:s3:::destination/copy/folder-001/*',
    ];
    const parts = 'arn:aws:s3:::destination/temp/*';
    expect(prefixesOf('ListSource')).toEqual(['folder-001/*']);
    expect(prefixesOf('ListDestination')).toEqual(['copy/folder-001/*']);
    // ListMultipartUploads has no prefix that a condition could see.
    expect(prefixesOf('FindUploads')).toBeUndefined();
    expect(prefixesOf('FindPartFiles')).toEqual(['temp/*']);
    expect(bySid(statements, 'ReadSource')?.Resource).toEqual([
      'arn:aws:s3:::source/folder-001',
      'arn:aws:s3:::source/folder-001/*',
    ]);
    expect(bySid(statements, 'WriteDestination')?.Resource).toEqual([...targets, parts]);
    expect(bySid(statements, 'CompareDestination')?.Resource).toEqual([...targets, `${parts}/target.json`]);
    expect(bySid(statements, 'DeleteDestination')?.Resource).toEqual(targets);
    expect(bySid(statements, 'RemovePartFiles')?.Resource).toEqual([parts]);
  });

  it('reach no further than the keys and paths that are named below the source', () => {
    const [own] = policies({
      source: { bucket: 'source', path: 'a/*' },
      destination: { bucket: 'destination', path: 'to' },
      files: ['x'],
      prefixes: ['y*'],
    });
    const statements = own?.document.Statement ?? [];
    expect(bySid(statements, 'ReadSource')?.Resource).toEqual([
      'arn:aws:s3:::source/a/x',
      'arn:aws:s3:::source/a/y*',
    ]);
    const condition = (prefix: string) => ({ StringLike: { 's3:prefix': [prefix] } });
    expect(bySid(statements, 'ListSource')?.Condition).toEqual(condition('a/y*'));
    expect(bySid(statements, 'ListDestination')?.Condition).toEqual(condition('to/y*'));
  });

  it('list nothing for named files, also those of a list', () => {
    for (const named of [{ files: ['x'] }, { filesFrom: 'uploaded' as const }]) {
      const ids = sids(policies(named)[0]?.document.Statement ?? []);
      expect(ids.filter((id) => id.startsWith('List'))).toEqual([]);
    }
  });

  it('cover the whole source for names that are not known, or too many for a policy', () => {
    const of = (needs: Partial<PolicyNeeds>) => {
      const statements = policies(needs)[0]?.document.Statement ?? [];
      return [bySid(statements, 'ReadSource')?.Resource, bySid(statements, 'ListSource')?.Condition];
    };
    const all = [['arn:aws:s3:::source/*'], undefined];
    const prefixes = Array.from({ length: 21 }, (_, n) => `p${n}*`);
    expect(of({ prefixesFrom: 'uploaded' })).toEqual(all);
    expect(of({ prefixes })).toEqual(all);
    expect(of({ prefixes: prefixes.slice(1) })[0]).toHaveLength(20);
    expect(of({ filesFrom: 'uploaded', prefixes: ['y*'] })).toEqual([
      all[0],
      { StringLike: { 's3:prefix': ['y*'] } },
    ]);
  });

  it('mean keys with characters of patterns literally', () => {
    const statements = policies({ files: ['a*b?', `\${x}`] })[0]?.document.Statement ?? [];
    expect(bySid(statements, 'ReadSource')?.Resource).toEqual([
      `arn:aws:s3:::source/a\${*}b\${?}`,
      `arn:aws:s3:::source/\${$}{x}`,
    ]);
  });

  it('have no rights on part files for direct copies, nor to remove those that are kept', () => {
    const ids = (needs: Partial<PolicyNeeds>) => sids(policies(needs)[0]?.document.Statement ?? []);
    const removing = ['FindPartFiles', 'RemovePartFiles'];
    expect(ids({ keepParts: false }).filter((id) => !ids({}).includes(id))).toEqual(removing);
    const direct = policies({ strategy: 'direct', keepParts: false });
    const staging = ['ListPartFiles', ...removing, 'SeeObjectLock'];
    expect(sids(direct[0]?.document.Statement ?? []).filter((id) => staging.includes(id))).toEqual([]);
    expect(JSON.stringify(direct)).not.toContain('temp/');
  });

  it('let lists in the source be read by who copies, and others by the functions', () => {
    const filesFrom = { bucket: 'source', path: 'lists/files.txt' };
    const prefixesFrom = { bucket: 'lists', path: 'prefixes.txt' };
    const [inSource, elsewhere] = ['arn:aws:s3:::source/lists/files.txt', 'arn:aws:s3:::lists/prefixes.txt'];
    const own = policies({ filesFrom, prefixesFrom });
    expect(bySid(own[0]?.document.Statement ?? [], 'ReadLists')?.Resource).toEqual([inSource, elsewhere]);
    const found = policies({ filesFrom, prefixesFrom, copyRole });
    expect(bySid(find(found, 'roles.copy'), 'ReadLists')?.Resource).toEqual([inSource]);
    expect(find(found, 'permissions of the functions')).toMatchObject([
      { Sid: 'ReadLists', Resource: [elsewhere] },
    ]);
  });

  it('carry more than headers and tags only when they are to', () => {
    const ids = (properties: boolean) => sids(policies({ properties })[0]?.document.Statement ?? []);
    const more = ['ReadProperties', 'WriteProperties', 'SeeOwner', 'SeeOwnership'];
    expect(ids(true).filter((id) => !ids(false).includes(id))).toEqual(more);
  });

  it('let the functions into the buckets of other accounts, by the names of their roles', () => {
    const found = policies({ sourceAccount: there, destinationAccount: stack });
    expect(titles(found)[1]).toBe(`bucket policy of source, in account ${there}`);
    expect(found).toHaveLength(2);
    const statements = find(found, 'bucket policy of source');
    expect(sids(statements)).toEqual(['ListSource', 'ReadSource']);
    expect(statements[0]).toMatchObject({
      Principal: { AWS: `arn:aws:iam::${stack}:root` },
      Condition: { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${stack}:role/s3copy-*` } },
    });
  });

  it('name the roles of a stack of another name, as far as CloudFormation keeps it', () => {
    const principal = (stackName: string) => {
      const [each] = find(policies({ sourceAccount: there, stackName }), 'bucket policy of source');
      return each?.Condition?.['ArnLike']?.['aws:PrincipalArn'];
    };
    expect(principal('nightly')).toBe(`arn:aws:iam::${stack}:role/nightly-*`);
    expect(principal('n'.repeat(24))).toBe(`arn:aws:iam::${stack}:role/${'n'.repeat(24)}-*`);
    expect(principal('n'.repeat(25))).toBe(`arn:aws:iam::${stack}:role/${'n'.repeat(24)}*`);
  });

  it.each(['aws-cn', 'aws-us-gov'])('have no ARN of another partition than %s', (partition) => {
    const roles = { copyRole, destinationRole };
    const of = (arn: string) => arn.replace('arn:aws:', `arn:${partition}:`);
    const keys = [of(key)];
    const there2 = { sourceAccount: there, destinationAccount: there, keys, deletes: true, properties: true };
    const all = [
      policies({ ...there2, partition }),
      policies({
        ...there2,
        partition,
        copyRole: { ...roles.copyRole, arn: of(copyRole.arn) },
        destinationRole: { arn: of(destinationRole.arn) },
      }),
    ];
    const arns = JSON.stringify(all).match(/arn:[^:]*:/g) ?? [];
    expect(arns.length).toBeGreaterThan(40);
    expect(new Set(arns)).toEqual(new Set([`arn:${partition}:`]));
  });

  it('let each role into what is its own, and the functions take it on', () => {
    const found = policies({
      sourceAccount: there,
      destinationAccount: here,
      copyRole,
      destinationRole,
      temp: { bucket: 'parts', prefix: '' },
    });
    expect(sids(find(found, 'roles.copy'))).not.toContain('ListDestination');
    expect(sids(find(found, 'roles.destination'))).toEqual(['ListDestination', 'CompareDestination']);
    expect(find(found, 'bucket policy of source')[0]).toMatchObject({ Principal: { AWS: copyRole.arn } });
    expect(find(found, 'bucket policy of destination')).toEqual([]);
    expect(find(found, `trust policy of role ${copyRole.arn}`)).toMatchObject([
      { Sid: 'TrustFunctions', Condition: { StringEquals: { 'sts:ExternalId': 'agreed' } } },
    ]);
    expect(find(found, `trust policy of role ${destinationRole.arn}`)[0]?.Condition).not.toHaveProperty(
      'StringEquals',
    );
    expect(bySid(find(found, 'deployed by -c roles='), 'AssumeRoles')?.Resource).toEqual([
      copyRole.arn,
      destinationRole.arn,
    ]);
  });

  it('let keys of other accounts be used, by way of S3 alone', () => {
    const found = policies({ copyRole, destinationRole, keys: [key] });
    const statements = find(found, `key policy of ${key}`);
    expect(sids(statements)).toEqual(['UseSourceKeys', 'UseDestinationKeys', 'ReadDestinationKeys']);
    expect(statements[0]).toMatchObject({
      Resource: '*',
      Principal: { AWS: copyRole.arn },
      Condition: { StringLike: { 'kms:ViaService': 's3.*' } },
    });
    const own = policies({ copyRole, keys: [key.replace(there as string, here as string)] });
    expect(find(own, 'key policy')).toEqual([]);
  });
});
