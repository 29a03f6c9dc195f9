import { setTimeout as pause } from 'node:timers/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateListExecutions,
  paginateListMapRuns,
  RedriveExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { RecentExecution } from '../../cli/describe.ts';

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
 * @returns what happened, in the execution and in the children of its map runs: a line for each event
 */
export async function playScenario(stage: Stage): Promise<string[]> {
  const { s3, sfn, source, destination, stateMachineArn } = stage;
  for (const Key of ['a', denied, 'c/d']) {
    await s3.send(new PutObjectCommand({ Bucket: source, Key, Body: `body of ${Key}` }));
  }
  const allow = await stage.deny(denied);
  const input = JSON.stringify({ src: `s3://${source}`, dest: `s3://${destination}` });
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  await end(sfn, executionArn, 0, 'FAILED');
  await allow();
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  await end(sfn, executionArn, 1, 'SUCCEEDED');
  return [...toLines(await history(sfn, executionArn)), ...(await childLines(sfn, executionArn))];
}

/** The histories of all children, those of each map run in an order that does not depend on their names. */
async function childLines(sfn: SFNClient, executionArn: string): Promise<string[]> {
  const mapRuns = await collect(paginateListMapRuns({ client: sfn }, { executionArn }), 'mapRuns');
  const byStart = mapRuns
    .map(({ mapRunArn = '', startDate }) => ({
      mapRunArn,
      label: labelOf(mapRunArn),
      startDate: Number(startDate),
    }))
    .sort((a, b) => a.label.localeCompare(b.label) || a.startDate - b.startDate);
  const lines: string[] = [];
  for (const [index, { mapRunArn, label }] of byStart.entries()) {
    const children = await collect(paginateListExecutions({ client: sfn }, { mapRunArn }), 'executions');
    const histories = await Promise.all(
      children.map(async (child) => toLines(await history(sfn, child.executionArn ?? ''))),
    );
    const sorted = histories.map((each) => each.join('\n')).sort();
    lines.push(
      ...sorted.flatMap((each, n) => each.split('\n').map((line) => `${label} ${index}.${n}: ${line}`)),
    );
  }
  return lines;
}

/** `Objects` of `arn:…:mapRun:<machine>/Objects:<id>`. */
const labelOf = (mapRunArn: string): string => mapRunArn.split(':').at(-2)?.split('/').at(-1) ?? '';

async function collect<Field extends string, Item>(
  pages: AsyncIterable<{ readonly [field in Field]: Item[] | undefined }>,
  field: Field,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(page[field] ?? []));
  return found;
}

async function end(sfn: SFNClient, executionArn: string, redrives: number, expected: string): Promise<void> {
  const recent = new RecentExecution(sfn, executionArn, redrives);
  while (true) {
    const { status = 'RUNNING', error, cause } = (await recent.describe()) ?? {};
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

/** Type of an event, with the name of its state or of its error. */
const nameOf = (event: HistoryEvent): string => {
  const state = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name ?? '';
  const details: readonly { error?: string }[] = Object.values(event).filter(
    (each) => typeof each === 'object',
  );
  const error = details.find((each) => each.error !== undefined)?.error ?? '';
  return `${event.type} ${state}${error}`.trim();
};

/** Events behind those that they follow, so that branches that ran at the same time come out alike. */
function toLines(events: readonly HistoryEvent[], after = 0): string[] {
  const next = events.filter(({ previousEventId = 0 }) => previousEventId === after);
  return next
    .map((event) => [nameOf(event), ...toLines(events, event.id)])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)))
    .flat();
}
