import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { proxied } from '../../core/s3/proxies.ts';
import { World } from '../end-to-end/world.ts';
import { Terminal } from './terminal.ts';

vi.setConfig({ testTimeout: 180_000 });

const stateMachine = 'arn:aws:states:us-east-1:111122223333:stateMachine:s3copy';
const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_MAX_ATTEMPTS: '1' };

let asked: string[];
let proxy: Server;
let address: string;
beforeEach(async () => {
  asked = [];
  proxy = createServer((request, answer) => {
    asked.push(`${request.method} ${request.url}`);
    answer.writeHead(502).end();
  });
  proxy.on('connect', ({ url }, socket) => {
    asked.push(`CONNECT ${url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterEach(() => {
  proxy.close();
  vi.unstubAllEnvs();
});

describe('behind a proxy, the command line', () => {
  it.each([
    { variable: 'HTTPS_PROXY', scheme: 'http://' },
    { variable: 'https_proxy', scheme: '' },
  ])('reaches Step Functions through $variable', async ({ variable, scheme }) => {
    const line = ['status', 'run', '--state-machine', stateMachine, '--work-bucket', 'work'];

    const { code } = await new Terminal(line, { ...keys, [variable]: scheme + address }).ended();

    expect(code).toBe(2);
    expect(asked).toContain('CONNECT states.us-east-1.amazonaws.com:443');
  });

  it('reaches what NO_PROXY names directly', async () => {
    const line = ['status', 'run', '--state-machine', stateMachine, '--work-bucket', 'work'];
    const environment = { ...keys, HTTPS_PROXY: `http://${address}`, NO_PROXY: '.amazonaws.com' };

    await new Terminal(line, environment).ended();

    expect(asked).toEqual([]);
  });

  it('reaches an S3 server through HTTP_PROXY with --local, and this machine directly', async () => {
    const folder = await mkdtemp(join(tmpdir(), 's3copy-proxy-'));
    const environment = { ...keys, HTTP_PROXY: address };
    const line = ['--local', '--data', folder, '--endpoint-url', 'http://s3.example:9000', 's3://source'];

    await new Terminal(line, environment).ended();

    expect(asked).toContainEqual(expect.stringMatching(/^HEAD http:\/\/s3\.example:9000\/s3copy-work/));
    await rm(folder, { recursive: true });
  });
});

it('what runs on this machine is reached directly, whatever the proxy', async () => {
  vi.stubEnv('HTTP_PROXY', `http://${address}`);
  const world = await World.start();
  const { source, destination } = await world.buckets();
  await world.put(source, 'k');

  const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });

  expect(run).toMatchObject({ status: 'SUCCEEDED' });
  expect(asked).toEqual([]);
  expect(proxied().proxyEnv?.['NO_PROXY']).toContain('127.0.0.1');
  await world.stop();
});
