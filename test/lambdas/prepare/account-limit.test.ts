import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../core/run/log.ts';
import { readAccountLimit } from '../../../lambdas/prepare/account-limit.ts';

/** Lambda's endpoint, which answers what a test says, and keeps what was asked. */
let answer: { readonly status: number; readonly body: unknown };
const asked: string[] = [];
const lambda = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  const error = answer.status === 403 ? { 'x-amzn-errortype': 'AccessDeniedException' } : {};
  response.writeHead(answer.status, { 'content-type': 'application/json', ...error });
  response.end(JSON.stringify(answer.body));
});

beforeAll(async () => {
  logger.setLogLevel('SILENT');
  await new Promise<void>((resolve) => lambda.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'locallocal');
});
afterAll(() => {
  vi.unstubAllEnvs();
  lambda.closeAllConnections();
  lambda.close();
});

describe('the functions that an account lets run at once', () => {
  it('are those that it has not reserved', async () => {
    const AccountLimit = { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 900 };
    answer = { status: 200, body: { AccountLimit } };

    expect(await readAccountLimit()).toBe(900);
    expect(asked).toEqual(['GET /2016-08-19/account-settings']);
  });

  it('are unknown where they may not be read, and Prepare goes on', async () => {
    answer = { status: 403, body: { message: 'not authorized to perform: lambda:GetAccountSettings' } };

    expect(await readAccountLimit()).toBeUndefined();
  });
});
