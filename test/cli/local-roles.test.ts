import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseArguments } from '../../cli/arguments.ts';
import { requestOf } from '../../cli/copy-request.ts';
import { localCredentials } from '../../cli/local/local-credentials.ts';
import { environmentOf, takeRoles } from '../../cli/local-roles.ts';
import { localRoles } from '../../core/model/roles.ts';
import { World } from '../end-to-end/world.ts';

const copier = { accessKeyId: 'copier', secretAccessKey: 'secret-of-the-copier', principal: 'copier' };
const lister = { accessKeyId: 'lister', secretAccessKey: 'secret-of-the-lister', principal: 'lister' };
const ends = ['s3://source-a', 's3://dest-b'];

let folder: string;
let keys: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3copy-roles-'));
  keys = join(folder, 's3cfg');
  const lines = ['# of s3cmd', '[default]', `access_key = ${copier.accessKeyId}`];
  await writeFile(
    keys,
    [...lines, `secret_key=${copier.secretAccessKey} `, '[other]', 'access_key = x'].join('\n'),
  );
  const profiles = `[listing]\naws_access_key_id = ${lister.accessKeyId}\naws_secret_access_key = ${lister.secretAccessKey}\n`;
  await writeFile(join(folder, 'profiles'), profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'profiles'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const take = (argv: readonly string[], isLocal = true) =>
  takeRoles(parseArguments([...ends, ...argv]), isLocal);

describe('-c and -d with --local', () => {
  it('take a file of s3cmd and a profile, and put names in the place of roles', async () => {
    const { args, credentials } = await take(['-c', keys, '-d', 'listing']);
    expect(requestOf(args)).toMatchObject({
      roles: { copy: { arn: `${localRoles}copy` }, destination: { arn: `${localRoles}destination` } },
    });
    const { principal: _, ...pair } = copier;
    expect(credentials).toEqual({
      [`${localRoles}copy`]: pair,
      [`${localRoles}destination`]: { profile: 'listing' },
    });
  });

  it('leave the ARN of a role as it is', async () => {
    const arn = 'arn:aws:iam::123456789012:role/x';
    const { args, credentials } = await take(['-c', arn], false);
    expect(requestOf(args)).toMatchObject({ roles: { copy: { arn } } });
    expect(credentials).toEqual({});
  });

  it('refuse what is neither, and what does not run here', async () => {
    await expect(take(['-d', 'nobody'])).rejects.toThrow('-d: "nobody" is neither a file nor a profile');
    await expect(take(['-c', join(folder, 'profiles')])).rejects.toThrow('has no access_key and secret_key');
    await expect(take(['-c', 'listing'], false)).rejects.toThrow('-c: "listing" is not the ARN of a role');
  });
});

describe('the keys of -c and -d', () => {
  const filesOf = async (at: string): Promise<Buffer[]> => {
    const entries = await readdir(at, { recursive: true, withFileTypes: true });
    return Promise.all(
      entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
    );
  };

  it('copy and list, and are in no file, no history and no log', async () => {
    const { args, credentials } = await take(['-c', keys, '-d', 'listing']);
    const dataDirectory = join(folder, 'data');
    const world = await World.start({
      dataDirectory,
      overrides: { '*': { environment: environmentOf(credentials) } },
      store: { credentials: [copier, lister] },
    });
    const { source, destination } = await world.buckets();
    await world.put(source, 'a', 'a');
    const recording = world.store.requests.record();
    const { roles } = requestOf(args);
    const request = { src: `s3://${source}`, dest: `s3://${destination}`, roles, logLevel: 'DEBUG' };
    const ended = await world.run(request);
    recording.stop();
    expect(ended).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    const by = (bucket: string) =>
      new Set(
        recording.requests.filter((found) => found.bucket === bucket).map(({ principal }) => principal),
      );
    expect([...by(source)]).toEqual(['copier']);
    expect([...by(destination)].sort()).toEqual(['copier', 'lister']);
    const denied = world.store.rules.add({ kind: 'deny', principal: 'copier', action: 's3:GetObject' });
    const failed = await world.run({ ...request, compare: 'always' });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    denied.remove();
    await world.stop();
    const files = await filesOf(dataDirectory);
    expect(files.some((file) => file.includes(`${localRoles}copy`))).toBe(true);
    expect(files.filter((file) => file.includes('secret-of'))).toEqual([]);
  });

  it('have to be given again for a redrive, since nothing has kept them', async () => {
    const { args, credentials } = await take(['-c', keys, '-d', 'listing']);
    const dataDirectory = join(folder, 'redriven');
    const start = (given: typeof credentials) =>
      World.start({
        dataDirectory,
        overrides: { '*': { environment: environmentOf(given) } },
        store: { credentials: [{ ...localCredentials, principal: 'local' }, copier, lister] },
      });
    const first = await start(credentials);
    const { source, destination } = await first.buckets();
    for (const key of ['a', 'b']) await first.put(source, key);
    first.store.rules.add({ kind: 'deny', principal: 'copier', action: 's3:GetObject', key: 'a' });
    const { roles } = requestOf(args);
    const failed = await first.run({ src: `s3://${source}`, dest: `s3://${destination}`, roles });
    expect(failed).toMatchObject({ status: 'FAILED', report: { copied: 1, failed: 1 } });
    await first.stop();
    const without = await start({});
    const missed = await without.redrive(failed);
    expect(missed).toMatchObject({ status: 'FAILED', report: { copied: 1, failed: 1 } });
    const message = expect.stringContaining(
      'roles.copy: the credentials of this run were given on the command line',
    );
    expect(missed.failures).toMatchObject([{ sourceKey: 'a', error: 'PermissionError', message }]);
    await without.stop();
    const again = await start(credentials);
    const recording = again.store.requests.record();
    const done = await again.redrive(missed);
    recording.stop();
    expect(done).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, failed: 0 } });
    const copies = recording.requests.filter(({ operation }) => operation === 'CopyObject');
    expect(copies.map(({ key, principal }) => [key, principal])).toEqual([['a', 'copier']]);
    await again.stop();
  });

  it('are missed by name when a redrive does not give them again', async () => {
    const world = await World.start();
    const { source, destination } = await world.buckets();
    const roles = { copy: `${localRoles}copy` };
    const ended = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, roles });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(ended.cause).toContain('give them again by -c');
    await world.stop();
  });
});
