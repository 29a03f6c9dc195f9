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

/** The environment of the scenario: AWS or the embedded engine. */
export interface ScenarioEnvironment {
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
  readonly source: string;
  readonly destination: string;
  /** Denies reading a key of the source. @returns a function that allows it again */
  deny(key: string): Promise<() => Promise<void>>;
}

/** The key that cannot be read before the redrive. */
const denied = 'b';

/**
 * Plays a copy with one denied key and its redrive.
 *
 * @returns a line for each event of the execution and of the children of its Map Runs
 */
export async function playScenario(environment: ScenarioEnvironment): Promise<string[]> {
  const { s3, sfn, source, destination, stateMachineArn } = environment;
  for (const Key of ['a', denied, 'c/d']) {
    await s3.send(new PutObjectCommand({ Bucket: source, Key, Body: `body of ${Key}` }));
  }
  const allow = await environment.deny(denied);
  const input = JSON.stringify({ src: `s3://${source}`, dest: `s3://${destination}` });
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  await end(sfn, executionArn, 0, 'FAILED');
  await allow();
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  await end(sfn, executionArn, 1, 'SUCCEEDED');
  return [...toLines(await history(sfn, executionArn)), ...(await childLines(sfn, executionArn))];
}

/** Reads the histories of all children. Their order does not depend on their random names. */
async function childLines(sfn: SFNClient, executionArn: string): Promise<string[]> {
  const mapRuns = await collect(paginateListMapRuns({ client: sfn }, { executionArn }), 'mapRuns');
  const byStart = mapRuns
    .map(({ mapRunArn = '', startDate }) => ({
      mapRunArn,
      label: readLabel(mapRunArn),
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
const readLabel = (mapRunArn: string): string => mapRunArn.split(':').at(-2)?.split('/').at(-1) ?? '';

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

/** Describes an event: its type, and the name of its state or error. */
const describeEvent = (event: HistoryEvent): string => {
  const state = event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name ?? '';
  const details: readonly { error?: string }[] = Object.values(event).filter(
    (each) => typeof each === 'object',
  );
  const error = details.find((each) => each.error !== undefined)?.error ?? '';
  return `${event.type} ${state}${error}`.trim();
};

/** Sorts events by their predecessors, so that the order of parallel branches does not matter. */
function toLines(events: readonly HistoryEvent[], after = 0): string[] {
  const next = events.filter(({ previousEventId = 0 }) => previousEventId === after);
  return next
    .map((event) => [describeEvent(event), ...toLines(events, event.id)])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)))
    .flat();
}
