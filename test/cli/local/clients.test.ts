import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytes, MiB } from '../../../packages/sandbox-s3/test/conformance/bodies.ts';

/** The AWS CLI takes a second or more to start, so these tests run only with `REAL_CLIENTS=1`, as in the project's CI. */
const wanted = process.env['REAL_CLIENTS'] === '1';
const has = (program: string): boolean => wanted && spawnSync(program, ['--version']).status === 0;
const titled = (name: string, program: string): string =>
  has(program) ? name : `skipped: needs REAL_CLIENTS=1 and ${program}`;

let folder: string;
let store: { readonly url: string; stop(): Promise<void> };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-clients-'));
  mkdirSync(join(folder, 'tree/sub dir'), { recursive: true });
  writeFileSync(join(folder, 'tree/plain.txt'), 'plain');
  writeFileSync(join(folder, 'tree/empty'), '');
  writeFileSync(join(folder, 'tree/sub dir/ü + %.bin'), bytes(1000));
  writeFileSync(join(folder, 'tree/large.bin'), bytes(20 * MiB + 17));
  store = await startCommand(join(folder, 'data'));
});
afterAll(async () => {
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `s3copy local` in its own process, because the clients block this one. */
async function startCommand(data: string): Promise<typeof store> {
  const command = new URL('../../../bin/s3copy.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [command, 'local', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await ended;
  };
  return { url: (JSON.parse(line) as { s3: string }).s3, stop };
}

/** Returns the names and digests of all files in a folder. */
function digests(directory: string): Record<string, string> {
  const files = readdirSync(join(folder, directory), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  );
  const pairs = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [
      path.slice(join(folder, directory).length),
      createHash('sha256').update(readFileSync(path)).digest('hex'),
    ];
  });
  return Object.fromEntries(pairs.sort());
}

describe.skipIf(!has('aws'))(titled('the AWS CLI', 'aws'), () => {
  const environment = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'locallocal',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_PAGER: '',
  };
  const aws = (...words: string[]): string =>
    execFileSync('aws', ['--endpoint-url', store.url, ...words], {
      cwd: folder,
      env: environment,
    }).toString();
  const s3api = (...words: string[]): unknown => {
    const text = aws('s3api', ...words);
    return text === '' ? {} : JSON.parse(text);
  };

  it('the AWS CLI creates buckets, uploads in parts, lists, syncs, downloads the same bytes and removes', () => {
    aws('s3', 'mb', 's3://cli');
    aws('s3', 'cp', 'tree', 's3://cli/tree', '--recursive');
    expect(aws('s3', 'ls', 's3://cli/tree/')).toMatch(
      /PRE sub dir\/\n.*0 empty\n.*20971537 large.bin\n.*5 plain.txt/,
    );
    expect(aws('s3', 'sync', 'tree', 's3://cli/tree')).toBe('');
    aws('s3', 'sync', 's3://cli/tree', 's3://cli/copy');
    aws('s3', 'cp', 's3://cli/copy', 'downloaded', '--recursive');
    expect(digests('downloaded')).toEqual(digests('tree'));
    aws('s3', 'rm', 's3://cli', '--recursive');
    expect(aws('s3', 'ls', 's3://cli', '--recursive', '--summarize')).toContain('Total Objects: 0');
    aws('s3', 'rb', 's3://cli');
  });

  it('the AWS CLI puts, reads, copies, tags, describes and deletes objects', () => {
    aws('s3api', 'create-bucket', '--bucket', 'api');
    const object = ['--bucket', 'api', '--key', 'k'];
    s3api('put-object', ...object, '--body', 'tree/plain.txt', '--metadata', 'a=b');
    expect(s3api('head-object', ...object)).toMatchObject({ ContentLength: 5, Metadata: { a: 'b' } });
    s3api('get-object', ...object, 'got.txt');
    expect(readFileSync(join(folder, 'got.txt'), 'utf8')).toBe('plain');
    s3api('copy-object', '--bucket', 'api', '--key', 'copy', '--copy-source', 'api/k');
    s3api('put-object-tagging', ...object, '--tagging', 'TagSet=[{Key=a,Value=b}]');
    expect(s3api('get-object-tagging', ...object)).toEqual({ TagSet: [{ Key: 'a', Value: 'b' }] });
    const attributes = s3api(
      'get-object-attributes',
      ...object,
      '--object-attributes',
      'ETag',
      'ObjectSize',
      'Checksum',
    );
    expect(attributes).toMatchObject({ ObjectSize: 5 });
    expect(s3api('list-objects-v2', '--bucket', 'api', '--max-items', '1')).toMatchObject({
      Contents: [{ Key: 'copy' }],
    });
    s3api('delete-object', '--bucket', 'api', '--key', 'copy');
    expect(s3api('delete-objects', '--bucket', 'api', '--delete', 'Objects=[{Key=k}]')).toMatchObject({
      Deleted: [{ Key: 'k' }],
    });
  });

  it('the AWS CLI uploads and copies single parts', () => {
    aws('s3api', 'create-bucket', '--bucket', 'parts');
    s3api('put-object', '--bucket', 'parts', '--key', 'source', '--body', 'tree/large.bin');
    const object = ['--bucket', 'parts', '--key', 'k'];
    const { UploadId } = s3api('create-multipart-upload', ...object) as { UploadId: string };
    const upload = [...object, '--upload-id', UploadId];
    s3api(
      'upload-part-copy',
      ...upload,
      '--part-number',
      '1',
      '--copy-source',
      'parts/source',
      '--copy-source-range',
      'bytes=0-6000000',
    );
    s3api('upload-part', ...upload, '--part-number', '2', '--body', 'tree/plain.txt');
    expect(s3api('list-multipart-uploads', '--bucket', 'parts')).toMatchObject({ Uploads: [{ UploadId }] });
    const { Parts } = s3api('list-parts', ...upload) as { Parts: { PartNumber: number; ETag: string }[] };
    const parts = JSON.stringify({ Parts: Parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag })) });
    expect(s3api('complete-multipart-upload', ...upload, '--multipart-upload', parts)).toMatchObject({
      Key: 'k',
    });
    const second = s3api('create-multipart-upload', ...object) as { UploadId: string };
    s3api('abort-multipart-upload', ...object, '--upload-id', second.UploadId);
    expect(s3api('head-object', ...object)).toMatchObject({ ContentLength: 6_000_006 });
  });

  it('the AWS CLI turns versioning on and lists versions', () => {
    aws('s3api', 'create-bucket', '--bucket', 'versions');
    s3api('put-bucket-versioning', '--bucket', 'versions', '--versioning-configuration', 'Status=Enabled');
    for (const body of ['tree/plain.txt', 'tree/empty'])
      s3api('put-object', '--bucket', 'versions', '--key', 'k', '--body', body);
    s3api('delete-object', '--bucket', 'versions', '--key', 'k');
    const { Versions, DeleteMarkers } = s3api('list-object-versions', '--bucket', 'versions') as {
      Versions: unknown[];
      DeleteMarkers: unknown[];
    };
    expect([Versions.length, DeleteMarkers.length]).toEqual([2, 1]);
  });
});

describe.skipIf(!has('rclone'))(titled('rclone', 'rclone'), () => {
  const program = 'rclone';
  const environment = {
    ...process.env,
    AWS_CA_BUNDLE: undefined, // rclone cannot take one
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_STORE_TYPE: 's3',
    RCLONE_CONFIG_STORE_PROVIDER: 'Other',
    RCLONE_CONFIG_STORE_ACCESS_KEY_ID: 'local',
    RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: 'locallocal',
    RCLONE_CONFIG_STORE_REGION: 'us-east-1',
    RCLONE_S3_UPLOAD_CUTOFF: '10M',
  };
  const rclone = (...words: string[]): string => {
    const env = { ...environment, RCLONE_CONFIG_STORE_ENDPOINT: store.url };
    const { status, stdout, stderr } = spawnSync(program, words, { cwd: folder, env });
    // `check` reports its findings as a NOTICE, which is not an error.
    const complaints = stderr
      .toString()
      .split('\n')
      .filter((line) => /ERROR|NOTICE/.test(line) && !/NOTICE: .*: (0 differences|\d+ matching)/.test(line));
    expect([words, status, complaints]).toEqual([words, 0, []]);
    return stdout.toString() + stderr.toString();
  };

  it('rclone uploads, lists, checks and copies between buckets', () => {
    rclone('mkdir', 'store:rclone-a');
    rclone('mkdir', 'store:rclone-b');
    rclone('copy', 'tree', 'store:rclone-a/tree');
    expect(rclone('lsf', '-R', '--files-only', 'store:rclone-a').split('\n').filter(Boolean).sort()).toEqual([
      'tree/empty',
      'tree/large.bin',
      'tree/plain.txt',
      'tree/sub dir/ü + %.bin',
    ]);
    expect(rclone('check', 'tree', 'store:rclone-a/tree')).toContain('0 differences found');
    rclone('copy', 'store:rclone-a', 'store:rclone-b');
    expect(rclone('check', '--download', 'store:rclone-a', 'store:rclone-b')).toContain(
      '0 differences found',
    );
    rclone('purge', 'store:rclone-b');
  });
});
