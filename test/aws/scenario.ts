import { setTimeout as pause } from 'node:timers/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  RedriveExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';

/** Where the scenario is played: on AWS, or by the embedded engine. */
export interface Stage {
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
  readonly source: string;
  readonly destination: string;
  /** Denies the reading of this key of the source. @returns takes that back */
  deny(key: string): Promise<() => Promise<void>>;
}

/** The key that cannot be read at first. */
const denied = 'b';

/**
 * A small copy with one key that is denied, and its redrive.
 *
 * @returns what happened, a line for each event
 */
export async function playScenario(stage: Stage): Promise<string[]> {
  const { s3, sfn, source, destination, stateMachineArn } = stage;
  for (const Key of ['a', denied, 'c/d']) {
    await s3.send(new PutObjectCommand({ Bucket: source, Key, Body: `body of ${Key}` }));
  }
  const allow = await stage.deny(denied);
  const input = JSON.stringify({ src: `s3://${source}`, dest: `s3://${destination}` });
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  await end(sfn, executionArn, 'FAILED');
  await allow();
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  await end(sfn, executionArn, 'SUCCEEDED');
  return toLines(await history(sfn, executionArn));
}

async function end(sfn: SFNClient, executionArn: string, expected: string): Promise<void> {
  while (true) {
    const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === expected) return;
    if (status !== 'RUNNING' && status !== 'PENDING_REDRIVE') {
      throw new Error(`${executionArn} is ${status} instead of ${expected}: ${error}: ${cause}`);
    }
    await pause(1_000);
  }
}

async function history(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const found: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken }));
    found.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

const nameOf = ({ type, stateEnteredEventDetails, stateExitedEventDetails }: HistoryEvent): string =>
  `${type} ${stateEnteredEventDetails?.name ?? stateExitedEventDetails?.name ?? ''}`.trim();

/** Events behind those that they follow, so that branches that ran at the same time come out alike. */
function toLines(events: readonly HistoryEvent[], after = 0): string[] {
  const next = events.filter(({ previousEventId = 0 }) => previousEventId === after);
  return next
    .map((event) => [nameOf(event), ...toLines(events, event.id)])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)))
    .flat();
}
