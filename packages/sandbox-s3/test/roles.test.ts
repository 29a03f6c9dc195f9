import { createHash, createHmac } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectError } from './conformance/expectations.ts';
import { bucket, local, makeClient, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;

const other = {
  accessKeyId: 'other',
  secretAccessKey: 'othersecret',
  principal: 'arn:aws:iam::222222222222:user/other',
};

const limited = {
  accessKeyId: 'limited',
  secretAccessKey: 'limitedsecret',
  principal: 'arn:aws:iam::000000000000:user/limited',
  policy: {
    name: 'reader',
    statements: [
      { Action: ['s3:GetObject', 's3:PutObject'], Resource: `arn:aws:s3:::${bucket}/runs/?/*` },
      { Action: 's3:ListBucket', Resource: ['arn:aws:s3:::no-bucket', `arn:aws:s3:::${bucket}`] },
    ],
  },
};

beforeAll(async () => {
  sandbox = await startSandbox({ credentials: [{ ...local, principal: 'local' }, other, limited] });
});
afterAll(() => sandbox.stop());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Calls the security token service. Its requests are signed with a hash of the body that is not sent in a header. */
async function callTokenService(body: string): Promise<Response> {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/us-east-1/sts/aws4_request`;
  const host = new URL(sandbox.store.url).host;
  const canonical = [
    'POST',
    '/',
    '',
    `host:${host}`,
    `x-amz-date:${date}`,
    '',
    'host;x-amz-date',
    sha256(body),
  ].join('\n');
  const key = scope.split('/').reduce<Buffer | string>(hmac, `AWS4${local.secretAccessKey}`) as Buffer;
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString(
    'hex',
  );
  const authorization = `AWS4-HMAC-SHA256 Credential=local/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  const headers = { authorization, 'x-amz-date': date, 'content-type': 'application/x-www-form-urlencoded' };
  return fetch(`${sandbox.store.url}/`, { method: 'POST', headers, body });
}

async function assumeRole(
  role: string,
): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken: string }> {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: 'a-run',
  });
  const text = await (await callTokenService(form.toString())).text();
  const read = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('SessionToken'),
  };
}

const role = 'arn:aws:iam::333333333333:role/service/copy-role';
const principal = 'arn:aws:sts::333333333333:assumed-role/copy-role/a-run';

it('AssumeRole returns credentials whose principal is the session of the role', async () => {
  const session = await assumeRole(role);
  const recording = sandbox.store.requests.record();
  await makeClient(sandbox.store.url, session).send(
    new PutObjectCommand({ Bucket: bucket, Key: 'by-role', Body: 'x' }),
  );
  recording.stop();
  expect(recording.requests.map((request) => request.principal)).toEqual([principal]);
});

it('a deny rule for a role does not apply to other principals', async () => {
  const session = await assumeRole(role);
  const denial = sandbox.store.rules.add({
    kind: 'deny',
    action: 's3:PutObject',
    principal: '*assumed-role/copy-role/*',
  });
  const put = { Bucket: bucket, Key: 'denied', Body: 'x' };
  await expectError(
    makeClient(sandbox.store.url, session).send(new PutObjectCommand(put)),
    'AccessDenied',
    403,
  );
  await sandbox.s3.send(new PutObjectCommand(put));
  denial.remove();
});

it('a policy denies every action that it does not allow, and the store lists those actions', async () => {
  const client = makeClient(sandbox.store.url, limited);
  const at = (Key: string) => ({ Bucket: bucket, Key });

  await client.send(new PutObjectCommand({ ...at('runs/1/a.txt'), Body: 'x' }));
  await client.send(new GetObjectCommand(at('runs/1/a.txt')));
  await client.send(new HeadBucketCommand({ Bucket: bucket }));
  expect([...sandbox.store.denied]).toEqual([]);

  for (const Key of ['runs/12/a.txt', 'other', 'xruns/1/a']) {
    await expect(client.send(new PutObjectCommand({ ...at(Key), Body: 'x' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(
        `${limited.principal} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${bucket}/${Key}"`,
      ),
    });
  }
  await expectError(client.send(new DeleteObjectCommand(at('runs/1/a.txt'))), 'AccessDenied', 403);
  expect([...sandbox.store.denied]).toEqual([
    `reader: s3:PutObject on arn:aws:s3:::${bucket}/runs/12/a.txt`,
    `reader: s3:PutObject on arn:aws:s3:::${bucket}/other`,
    `reader: s3:PutObject on arn:aws:s3:::${bucket}/xruns/1/a`,
    `reader: s3:DeleteObject on arn:aws:s3:::${bucket}/runs/1/a.txt`,
  ]);
});

it('a deny rule can refuse AssumeRole', async () => {
  const denial = sandbox.store.rules.add({ kind: 'deny', action: 'sts:AssumeRole', key: role });
  const answer = await callTokenService(
    `Action=AssumeRole&RoleArn=${encodeURIComponent(role)}&RoleSessionName=me`,
  );
  denial.remove();
  expect(answer.status).toBe(403);
});

it.each([
  {
    why: 'a role that a rule denies',
    params: { RoleArn: role, RoleSessionName: 'a-run' },
    name: 'AccessDenied',
  },
  {
    why: 'an invalid role ARN',
    params: { RoleArn: 'nothing-that-is-a-role', RoleSessionName: 'a-run' },
    name: 'ValidationError',
  },
])('the SDK reports $name for $why', async ({ params, name }) => {
  const denial = sandbox.store.rules.add({ kind: 'deny', action: 'sts:AssumeRole', key: role });
  const assume = fromTemporaryCredentials({
    params,
    masterCredentials: local,
    clientConfig: { endpoint: sandbox.store.url, region: 'us-east-1', maxAttempts: 1 },
  });
  await expect(assume()).rejects.toMatchObject({ name, $fault: 'client' });
  denial.remove();
});

it('the SDK reports InvalidClientTokenId for an unknown access key', async () => {
  const assume = fromTemporaryCredentials({
    params: { RoleArn: role, RoleSessionName: 'a-run' },
    masterCredentials: { ...local, accessKeyId: 'nobody' },
    clientConfig: { endpoint: sandbox.store.url, region: 'us-east-1', maxAttempts: 1 },
  });
  await expect(assume()).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
});

it('a session token that was changed or belongs to another access key is refused', async () => {
  const session = await assumeRole(role);
  const changed = { ...session, sessionToken: `x${session.sessionToken}` };
  const list = new ListBucketsCommand();
  await expect(makeClient(sandbox.store.url, changed).send(list)).rejects.toMatchObject({
    name: 'InvalidToken',
  });
  const swapped = { ...session, accessKeyId: 'ASIA0000000000000000' };
  await expect(makeClient(sandbox.store.url, swapped).send(list)).rejects.toMatchObject({
    name: 'InvalidAccessKeyId',
  });
});

it('a bucket belongs to the account of the principal that created it', async () => {
  const client = makeClient(sandbox.store.url, other);
  await client.send(new CreateBucketCommand({ Bucket: 'others-bucket' }));
  const listed = await client.send(new ListBucketsCommand());
  expect(listed.Buckets?.map(({ Name }) => Name)).toEqual(['others-bucket']);
  await expectError(
    sandbox.s3.send(new CreateBucketCommand({ Bucket: 'others-bucket' })),
    'BucketAlreadyExists',
    409,
  );
  const put = { Bucket: 'others-bucket', Key: 'k', Body: 'x' };
  await expectError(
    sandbox.s3.send(new PutObjectCommand({ ...put, ExpectedBucketOwner: '000000000000' })),
    'AccessDenied',
    403,
  );
  await sandbox.s3.send(new PutObjectCommand({ ...put, ExpectedBucketOwner: '222222222222' }));
  await client.send(
    new GetObjectCommand({ Bucket: 'others-bucket', Key: 'k', ExpectedBucketOwner: '222222222222' }),
  );
});
