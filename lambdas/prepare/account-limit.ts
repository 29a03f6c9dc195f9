import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { logger } from '../../core/run/log.ts';

/** Only a note depends on the answer, so nothing waits for it for long. */
const timeouts = { connectionTimeout: 2_000, requestTimeout: 5_000 };

/**
 * How many functions the account lets run at once in this region, less what it reserves for some of them.
 *
 * @returns undefined where that may not be read
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html (read 2026-11-28)
 */
export async function readAccountLimit(): Promise<number | undefined> {
  const client = new LambdaClient({ maxAttempts: 2, requestHandler: timeouts });
  try {
    const { AccountLimit: limit } = await client.send(new GetAccountSettingsCommand());
    return limit?.UnreservedConcurrentExecutions ?? limit?.ConcurrentExecutions;
  } catch (error) {
    logger.info('account-limit-unknown', error as Error);
    return undefined;
  } finally {
    client.destroy();
  }
}
