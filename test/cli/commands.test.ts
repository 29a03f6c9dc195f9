import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type SandboxStore, startSandboxStore } from 'sandbox-s3/server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Terminal } from './terminal.ts';

// Each test starts engines in processes of their own, which takes long where other tests keep the cores busy.
vi.setConfig({ testTimeout: 180_000 });

const region = 'us-east-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };
const environment = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: region,
};

let folder: string;
let store: SandboxStore;
let s3: S3Client;
let destinations = 0;

/** A bucket that nothing was copied to yet. */
async function newBucket(): Promise<string> {
  destinations += 1;
  const Bucket = `destination-${destinations}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

async function keysOf(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

const here = (...line: string[]) =>
  new Terminal(
    ['--local', '--data', join(folder, 'the data'), '--endpoint-url', store.url, ...line],
    environment,
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3copy-cli-'));
  store = await startSandboxStore({ dataDirectory: join(folder, 's3') });
  s3 = new S3Client({ endpoint: store.url, region, credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'source' }));
  for (const Key of ['dir/a', 'dir/b', 'dir/c\n', 'other/d']) {
    await s3.send(new PutObjectCommand({ Bucket: 'source', Key, Body: `content of ${Key}` }));
  }
});

afterEach(() => store.rules.clear());

afterAll(async () => {
  s3.destroy();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe('s3copy --local', () => {
  it('copies, says so with both sums and the proofs, and has nothing to do the next time', async () => {
    const bucket = await newBucket();
    const first = await here('s3://source/dir', `s3://${bucket}`).ended();
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(/^done: copied 3 objects \(\d+ B\)/);
    expect(first.stdout).toContain('listed    3 = 0 same + 0 filtered + 0 refused + 3 planned');
    expect(first.stdout).toContain('proven    3 by etag');
    expect(await keysOf(bucket)).toEqual(['dir/a', 'dir/b', 'dir/c\n']);
    const second = await here('s3://source/dir', `s3://${bucket}`, '--no-progress').ended();
    expect(second.stdout).toMatch(/^done: nothing to copy, 3 unchanged/);
    expect(second.stderr).toMatch(/^run [\w-]+\n$/);
  });

  it('says in a dry run what would be copied, and writes nothing', async () => {
    const bucket = await newBucket();
    const { code, stdout } = await here(
      '-n',
      's3://source/*',
      `s3://${bucket}/x`,
      '-f',
      'dir/a',
      'dir/c\n',
      'no',
    ).ended();
    // The named key that does not exist would fail the run.
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      `would copy s3://source/dir/a to s3://${bucket}/x/dir/a (new, 16 B)`,
      `would copy s3://source/dir/c\\u{a} to s3://${bucket}/x/dir/c\\u{a} (new, 17 B)`,
      'missing s3://source/no',
      'dry run: would copy 2 objects (33 B), 0 unchanged; the run would FAIL: 1 missing',
    ]);
    expect(await keysOf(bucket)).toEqual([]);
  });

  it('shows archived objects in a dry run, and exits as the run would', async () => {
    const cold = await newBucket();
    await s3.send(new PutObjectCommand({ Bucket: cold, Key: 'k', Body: 'x', StorageClass: 'GLACIER' }));
    const bucket = await newBucket();
    const dry = await here('-n', `s3://${cold}`, `s3://${bucket}`).ended();
    expect(dry.stdout).toContain(`would fail s3://${cold}/k to s3://${bucket}/k (archived, 1 B)`);
    expect(dry.code).toBe(1);
    expect(dry.stderr).not.toContain('redrive');
    expect(dry.stderr).not.toContain('copying');
    expect(dry.stderr).toContain('reporting  1 key listed, 1 to copy (1 B)');
    expect(dry.stdout).toMatch(
      /note +1 object is archived, so that the run would fail.* or set --archived skip/,
    );
    const skipping = await here('-n', `s3://${cold}`, `s3://${bucket}`, '--archived', 'skip').ended();
    expect(skipping.code).toBe(0);
  });

  it('exits with 1 when a comparison finds differences, and with 0 when it finds none', async () => {
    const bucket = await newBucket();
    const compare = ['s3://source/dir', `s3://${bucket}`, '--compare-only'];
    const different = await here(...compare).ended();
    expect(different.code).toBe(1);
    expect(different.stdout).toMatch(
      /^compared: 3 differences \(3 to copy, 0 not in the source\), 0 unchanged/,
    );
    expect(different.stdout).toMatch(/keys +s3:\/\/s3copy-work\/.*differences\.txt/);
    expect(await keysOf(bucket)).toEqual([]);
    await here('s3://source/dir', `s3://${bucket}`).ended();
    const equal = await here(...compare).ended();
    expect(equal).toMatchObject({ code: 0 });
    expect(equal.stdout).toMatch(/^compared: no difference, 3 unchanged/);
  });

  it('lists just the keys on standard output without a destination', async () => {
    const { code, stdout, stderr } = await here('s3://source').ended();
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'dir/a\ndir/b\ndir/c\\u{a}\nother/d\n' });
    expect(stderr).toContain('listed 4 keys');
    expect(stderr).toContain('reporting  4 keys listed\n');
    expect(stderr).not.toContain('to copy');
    expect(stderr).toContain('listed    4 = 4 shown + 0 filtered');
  });

  it('writes one JSON object a line with --json, the report in the last', async () => {
    const bucket = await newBucket();
    const { code, stdout } = await here(
      '--json',
      '--name',
      'by-name',
      's3://source',
      `s3://${bucket}`,
    ).ended();
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(events[0]).toMatchObject({ event: 'started', run: 'by-name', request: { src: 's3://source' } });
    expect(events.slice(1, -1).every(({ event }) => event === 'progress')).toBe(true);
    expect(events.at(-1)).toMatchObject({
      event: 'ended',
      status: 'SUCCEEDED',
      exitCode: 0,
      report: { run: 'by-name', outcome: 'done', copied: 4 },
    });
  });

  it('names the run that has a name already, and how to look at it', async () => {
    const bucket = await newBucket();
    await here('--name', 'taken', 's3://source/dir', `s3://${bucket}`).ended();

    const second = await here('--name', 'taken', 's3://source', `s3://${bucket}`).ended();

    expect(second.code).toBe(2);
    expect(second.stderr).toContain(
      '--name: there is a run named "taken" already: choose another name, or look at that run by s3copy status taken --local',
    );
  });

  it('refuses keys that the S3 server does not know, and says which they were', async () => {
    const line = ['--local', '--data', join(folder, 'stranger'), '--endpoint-url', store.url, 's3://source'];
    const stranger = { ...environment, AWS_ACCESS_KEY_ID: 'stranger' };

    const { code, stderr } = await new Terminal(line, stranger).ended();

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `s3copy: --endpoint-url: the S3 server ${store.url} refuses the access key "stranger" (403): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n`,
    });
  });

  it('says without --endpoint-url that the buckets are those of the sandbox store', async () => {
    const line = ['--local', '--data', join(folder, 'stranger'), 's3://source', 's3://not-there'];

    const { code, stderr } = await new Terminal(line, environment).ended();

    expect(code).toBe(2);
    expect(stderr).toContain('--local without --endpoint-url uses the sandbox store of --data');
  });

  it('takes keys from a local list, and from more words than an execution takes', async () => {
    const bucket = await newBucket();
    const list = join(folder, 'list.txt');
    await writeFile(list, '# a comment\ndir/a\n\nother/d\n');
    const { code } = await here('s3://source/', `s3://${bucket}`, '-F', list).ended();
    expect(code).toBe(0);
    expect(await keysOf(bucket)).toEqual(['dir/a', 'other/d']);
    const many = Array.from({ length: 80 }, (_, n) => `missing/${'x'.repeat(900)}${n}`);
    const long = await here('--json', 's3://source', `s3://${bucket}`, '-f', 'dir/b', ...many).ended();
    const started = JSON.parse(long.stdout.split('\n')[0] ?? '');
    expect(started.request.files).toBeUndefined();
    expect(started.request.filesFrom).toMatch(/^s3:\/\/s3copy-work\/runs\/~lists\/[0-9a-f]{64}\.jsonl$/);
    expect(JSON.parse(long.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      exitCode: 1,
      report: { missing: 80, copied: 1 },
    });
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: 's3copy-work', Prefix: 'runs/~lists/' }),
    );
    const heads = Contents.map(({ Key }) => s3.send(new HeadObjectCommand({ Bucket: 's3copy-work', Key })));
    const types = (await Promise.all(heads)).map(({ ContentType }) => ContentType);
    expect(types.sort()).toEqual(['application/x-ndjson', 'text/plain; charset=utf-8']);
  });

  it('names a list as it was typed in what is wrong with it, on one line', async () => {
    const bucket = await newBucket();
    const list = join(folder, 'bad list.jsonl');
    await writeFile(list, '{"key":"dir/a"}\n{"key":7}\n');

    const { code, stderr } = await here('s3://source/', `s3://${bucket}`, '-F', list).ended();

    expect(code).toBe(2);
    const said = stderr.split('\n').filter((line) => line.includes('is wrong'));
    expect(said).toEqual([
      expect.stringContaining(`line 2 of ${list} is wrong: key: expected string, received number`),
    ]);
    expect(stderr).not.toContain('~lists');
  });

  it.each([
    { flag: '-F', name: 'none.txt', text: '', says: 'the list LIST names nothing' },
    { flag: '-P', name: 'comments.txt', text: '# a\n# b\n', says: '2 lines of LIST begin with #' },
  ])('names a list as it was typed in the notes: $says', async ({ flag, name, text, says }) => {
    const bucket = await newBucket();
    const list = join(folder, name);
    await writeFile(list, text);

    const { code, stdout } = await here('s3://source/', `s3://${bucket}`, flag, list).ended();
    const json = await here('--json', 's3://source/', `s3://${bucket}`, flag, list).ended();

    expect(code).toBe(0);
    expect(stdout).toContain(says.replace('LIST', list));
    expect(stdout).not.toContain('~lists');
    expect(JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '').report.notes).toContainEqual(
      expect.stringContaining(says.replace('LIST', list)),
    );
  });

  it('ends with 1 when an object could not be copied, and redrives just that', async () => {
    const bucket = await newBucket();
    const denial = store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: 'source', key: 'dir/b' });
    const log = join(folder, 'run.log');
    const failed = await here('-L', log, '--name', 'to-redrive', 's3://source', `s3://${bucket}`).ended();
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^FAILED: copied 3 objects .* 1 object not there/);
    expect(failed.stderr).toMatch(/failures: 1 failed: AccessDenied\n {2}failed: .*\n {4}dir\/b\n/);
    expect(failed.stderr).toContain(
      `s3copy redrive arn:aws:states:us-east-1:000000000000:execution:s3copy:to-redrive --local --data '${join(folder, 'the data')}' `,
    );
    const logged = (await readFile(log, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(logged.map(({ event }) => event)).toEqual(expect.arrayContaining(['started', 'ended']));
    expect(logged.map(({ message }) => message)).toContain('run-prepared');
    denial.remove();
    store.requests.reset();
    const healed = await here('redrive', 'to-redrive').ended();
    expect(healed).toMatchObject({ code: 0 });
    expect(store.requests.count({ operation: 'CopyObject' })).toBe(1);
    const status = await here('status', 'to-redrive').ended();
    expect(status.stdout).toMatch(
      /^run to-redrive {2}SUCCEEDED {2}started \S+, redriven \S+, ended \S+\ndone: copied 1 object .* since the redrive, 4 in all\n/,
    );
  });

  it('ends with 2 when a bucket does not exist', async () => {
    const { code, stderr } = await here('s3://source', 's3://not-there').ended();
    expect(code).toBe(2);
    expect(stderr).toContain('s3copy: BucketNotFoundError: dest: bucket "not-there" does not exist');
  });

  it.each(['SIGINT', 'SIGHUP'] as const)(
    'ends with 130 on %s, says how to go on, and goes on with what is left',
    async (signal) => {
      const name = `cut-off-${signal}`;
      const bucket = await newBucket();
      store.rules.add({ kind: 'latency', operation: 'CopyObject', milliseconds: 20_000 });
      const terminal = here('--json', '--name', name, 's3://source', `s3://${bucket}`);
      await terminal.wrote('copying');
      terminal.interrupt(signal);
      const cut = await terminal.ended();
      expect(cut.code).toBe(130);
      expect(cut.stderr).toContain('the run is stopped, what was copied stays');
      expect(cut.stderr).toContain(
        `s3copy redrive arn:aws:states:us-east-1:000000000000:execution:s3copy:${name} --local`,
      );
      expect(JSON.parse(cut.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
        event: 'ended',
        executionArn: expect.stringMatching(name),
        status: 'ABORTED',
        error: 'Interrupted',
        exitCode: 130,
      });
      store.rules.clear();
      const told = await here('status', name).ended();
      expect(told.stdout).toMatch(
        /^run cut-off-\w+ {2}ABORTED {2}started \S+, ended \S+\ncopying +0% +0\/4 objects/,
      );
      expect(await here('redrive', name).ended()).toMatchObject({ code: 0 });
      expect(await keysOf(bucket)).toHaveLength(4);
    },
  );
});

describe('s3copy local', () => {
  it.skipIf(process.platform !== 'linux').each([
    {
      data: '/proc/x',
      why: 'cannot make the folder /proc/x: its file system does not accept new folders',
    },
    { data: '/etc/passwd', why: 'a part of the path is a file in /etc/passwd/s3' },
  ])('says why $data cannot hold its data', async ({ data, why }) => {
    const refused = await new Terminal(['local', '--data', data]).ended();
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(why) });
  });

  it('says which log file cannot be opened', async () => {
    const log = join(folder, 'nowhere', 'log');
    const refused = await new Terminal(['local', '--data', join(folder, 'unused'), '-L', log]).ended();
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--log-file: ENOENT') });
  });

  it('serves S3 and the Step Functions API to any client, and to s3copy, until it is stopped', async () => {
    const served = new Terminal(['local', '--data', join(folder, 'served')]);
    await served.wrote('\n');
    const ready = JSON.parse(served.stdout) as Record<string, string>;
    expect(Object.keys(ready)).toEqual(
      's3 stepFunctions stateMachineArn workBucket region accessKeyId secretAccessKey'.split(' '),
    );
    expect(ready).toMatchObject({ accessKeyId: 'local', secretAccessKey: 'locallocal' });
    const second = new Terminal(['local', '--data', join(folder, 'served')]);
    expect(await second.ended()).toMatchObject({ code: 2, stderr: expect.stringContaining('in use') });
    const clientS3 = new S3Client({ endpoint: ready['s3'], region, credentials, forcePathStyle: true });
    const sfn = new SFNClient({ endpoint: ready['stepFunctions'], region, credentials });
    for (const Bucket of ['from-here', 'to-there']) await clientS3.send(new CreateBucketCommand({ Bucket }));
    await clientS3.send(
      new PutObjectCommand({ Bucket: 'from-here', Key: 'k', Body: 'x', ContentType: 'text/x' }),
    );
    const { executionArn } = await sfn.send(
      new StartExecutionCommand({
        stateMachineArn: ready['stateMachineArn'],
        input: JSON.stringify({ src: 's3://from-here', dest: 's3://to-there' }),
      }),
    );
    await expect
      .poll(async () => (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status, {
        timeout: 30_000,
      })
      .toBe('SUCCEEDED');
    const copy = await clientS3.send(new GetObjectCommand({ Bucket: 'to-there', Key: 'k' }));
    expect(await copy.Body?.transformToString()).toBe('x');
    const line = ['--state-machine', ready['stateMachineArn'] ?? '', '--endpoint-url', ready['s3'] ?? ''];
    const through = { ...environment, AWS_ENDPOINT_URL_SFN: ready['stepFunctions'] ?? '' };
    const again = await new Terminal([...line, 's3://from-here', 's3://to-there'], through).ended();
    expect(again.stdout).toMatch(/^done: nothing to copy, 1 unchanged/);
    served.interrupt();
    expect(await served.ended()).toMatchObject({ code: 0, stderr: '' });
    clientS3.destroy();
    sfn.destroy();
  });
});

it('says why nothing was deleted when the guard stops a run without failures', async () => {
  const destination = await newBucket();
  for (let n = 0; n < 12; n += 1)
    await s3.send(new PutObjectCommand({ Bucket: destination, Key: `extra-${n}`, Body: 'x' }));
  const ended = await here('s3://source', `s3://${destination}`, '--delete').ended();
  expect(ended.code).toBe(1);
  expect(`${ended.stdout}${ended.stderr}`).toMatch(/12 of \d+ destination keys in scope would be deleted/);
  expect(ended.stderr).not.toContain('InvalidRange');
  expect(ended.stderr).not.toContain('redrive');
});

it('does not advise to redrive a run that only refuses keys', async () => {
  const destination = await newBucket();
  const folders = `${'x'.repeat(255)}/`.repeat(4);
  const ended = await here('--json', 's3://source/dir', `s3://${destination}/${folders}`).ended();
  expect(ended.code).toBe(1);
  const last = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({ mayRedrive: false, report: { refused: 3, planned: 0 } });
  expect(ended.stderr).not.toContain('redrive');
});
