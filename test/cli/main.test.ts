import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import type { Output } from '../../cli/output.ts';

/** A state machine that s3copy local serves. */
const served = 'arn:aws:states:us-east-1:000000000000:stateMachine:s3copy';

/** Keeps what is written. */
class Paper implements Output {
  readonly isTerminal = false;
  stdout = '';
  stderr = '';

  line(text: string): void {
    this.stdout += `${text}\n`;
  }

  async taken(): Promise<void> {}

  note(text: string): void {
    this.stderr += `${text}\n`;
  }

  raw(text: string): void {
    this.stderr += text;
  }

  columns(): number {
    return 80;
  }
}

beforeEach(() => {
  for (const name of [
    'S3COPY_STATE_MACHINE',
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_S3',
    'AWS_ENDPOINT_URL_SFN',
    'AWS_PROFILE',
  ])
    vi.stubEnv(name, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

describe('main, before anything is run', () => {
  it.each([
    { line: ['--help'], code: 0, stdout: 'Exit codes', stderr: '' },
    { line: ['--version'], code: 0, stdout: '0.', stderr: '' },
    { line: [], code: 2, stdout: '', stderr: 'the source is missing' },
    { line: ['--nope'], code: 2, stdout: '', stderr: 'unknown flag --nope' },
    { line: ['s3://source-a', 's3://dest-b'], code: 2, stdout: '', stderr: '--state-machine ARN' },
    {
      line: ['s3://source-a', '--state-machine', 'x'],
      code: 2,
      stdout: '',
      stderr: '"x" is not the ARN of a state machine',
    },
    {
      line: ['--local', 'source-a', 's3://dest-b'],
      code: 2,
      stdout: '',
      stderr: 'InvalidRequestError: src: "source-a"',
    },
    { line: ['--local', 's3://a-b/x*y'], code: 2, stdout: '', stderr: 'only as its last character' },
    { line: ['--local', 's3://source-a', '--part-size', '1'], code: 2, stdout: '', stderr: 'partSize' },
    { line: ['--local', 's3://source-a', '--delete'], code: 2, stdout: '', stderr: 'delete' },
    {
      line: ['--local', 's3://source-a', '--acl-grant', 'READ:a@b.c'],
      code: 2,
      stdout: '',
      stderr: 'e-mail',
    },
    {
      line: ['--local', 's3://source-a', '-F', '/no/such/list', '--endpoint-url', 'no url'],
      code: 2,
      stdout: '',
      stderr: 'no url',
    },
    {
      line: ['s3://source-a', 's3://dest-b', '--state-machine', served, '--endpoint-url', 'foo'],
      code: 2,
      stdout: '',
      stderr: '--endpoint-url: "foo" is not a URL such as http://127.0.0.1:9000',
    },
    {
      line: ['--local', 's3://source-a', '--endpoint-url', 'localhost:9000'],
      code: 2,
      stdout: '',
      stderr: '"localhost:9000" is not a URL',
    },
    {
      line: ['status', 'run', '--state-machine', served],
      code: 2,
      stdout: '',
      stderr: 'name its S3 server by --endpoint-url URL, and its Step Functions API by AWS_ENDPOINT_URL_SFN',
    },
    {
      line: ['--local', 's3://source-a', '--endpoint-url', 'http://127.0.0.1:1'],
      code: 2,
      stdout: '',
      stderr:
        'the S3 server http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1 (no server',
    },
    {
      line: ['status', 'run', '--state-machine', 'arn:aws:states:x.invalid:111122223333:stateMachine:s'],
      code: 2,
      stdout: '',
      stderr: 'is not the ARN of a state machine',
    },
    {
      line: ['local', '--port-s3', '9000', '--endpoint-url', 'http://127.0.0.1:1'],
      code: 2,
      stdout: '',
      stderr: '--port-s3 cannot be combined with --endpoint-url',
    },
    {
      line: ['--local', '--request-payer', 'requester', 's3://source-a', 's3://dest-b'],
      code: 2,
      stdout: '',
      stderr: '--request-payer takes no value: leave "requester" out',
    },
    {
      line: ['--local', 'x', 's3://source-a', 's3://dest-b'],
      code: 2,
      stdout: '',
      stderr: 'unexpected word "x": give one source and one destination',
    },
    {
      line: ['sync', 's3://source-a', 's3://dest-b'],
      code: 2,
      stdout: '',
      stderr: 'unknown command "sync": s3copy SRC DEST copies, and brings up to date: leave "sync" out',
    },
    { line: ['help'], code: 2, stdout: '', stderr: 'type s3copy --help' },
    { line: ['locl'], code: 2, stdout: '', stderr: 'did you mean local?' },
    { line: ['local', 'x'], code: 2, stdout: '', stderr: '"x" is not a flag' },
    { line: ['local', '--port-s3', 'x'], code: 2, stdout: '', stderr: '--port-s3: "x" is not a port' },
    { line: ['redrive', 'run', '-n'], code: 2, stdout: '', stderr: '-n does not belong to s3copy redrive' },
    {
      line: ['redrive', 'run', '--local', '--max-objects', '1'],
      code: 2,
      stdout: '',
      stderr: '--max-objects does not belong to s3copy redrive',
    },
    {
      line: ['redrive', 'run', '--local', '-c', 'arn:aws:iam::111122223333:role/r'],
      code: 2,
      stdout: '',
      stderr: '-c: a redrive continues with the roles that the run was started with',
    },
    {
      line: ['redrive', 'arn:aws:states:x:111122223333:execution:a:run', '--state-machine', 'b'],
      code: 2,
      stdout: '',
      stderr: '--state-machine: b is not the state machine of arn:',
    },
    { line: ['status', 'run', '--delete'], code: 2, stdout: '', stderr: '--delete does not belong to' },
    {
      line: ['s3://source-a', 's3://dest-b', '--yes', '--kms', 'arn:x'],
      code: 2,
      stdout: '',
      stderr: '--yes does not belong to s3copy SRC DEST. It belongs to s3copy cleanup',
    },
    {
      line: ['s3://source-a', 's3://dest-b', '--local', '--all'],
      code: 2,
      stdout: '',
      stderr: '--all needs --dry-run',
    },
    { line: ['redrive', '--help'], code: 0, stdout: '--json', stderr: '' },
    { line: ['redrive'], code: 2, stdout: '', stderr: 'redrive takes one execution' },
  ])('ends $line with $code', async ({ line, code, stdout, stderr }) => {
    const paper = new Paper();
    expect(await main(line, paper, new AbortController().signal)).toBe(code);
    expect(paper.stdout).toContain(stdout);
    expect(paper.stderr).toContain(stderr);
    expect(paper.stderr).not.toMatch(/\n {4}at /);
  });

  it.each([
    { line: ['--json', '--nope'], error: 'UsageError', says: 'unknown flag --nope' },
    { line: ['redrive', 'run', '-n', '--json'], error: 'UsageError', says: '-n does not belong' },
    { line: ['--json', '--local', 'source-a'], error: 'InvalidRequestError', says: 'src: "source-a"' },
  ])('prints ended for $line, which is refused', async ({ line, error, says }) => {
    const paper = new Paper();

    expect(await main(line, paper, new AbortController().signal)).toBe(2);

    const last = JSON.parse(paper.stdout.trimEnd().split('\n').at(-1) ?? '');
    expect(last).toEqual({
      event: 'ended',
      status: 'REFUSED',
      error,
      message: expect.stringContaining(says),
      exitCode: 2,
      mayRedrive: false,
      failures: [],
    });
    expect(paper.stderr).toContain(says);
  });
});
