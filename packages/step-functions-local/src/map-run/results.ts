import type { MapState } from '../definition/schema.ts';
import { evaluateString } from '../interpreter/evaluate-field.ts';
import type { Frame } from '../interpreter/frame.ts';
import { serializePayload } from '../interpreter/payload.ts';
import { isJsonObject, type Json, type JsonObject, utf8Bytes } from '../json.ts';
import { Quotas } from '../limits.ts';
import type { ExecutionRow } from '../store/execution-table.ts';
import type { ItemStatus } from '../store/item-table.ts';
import type { MapRunRow } from '../store/map-run-table.ts';

/**
 * The bytes after which the next result file is started. AWS writes files of up to 5 GB. The engine's are smaller,
 * because it holds a file in memory until it is written.
 */
const maxFileBytes = 16 * 1024 * 1024;

/** Rows that are read from the store at once. */
const rowsPerPage = 500;

/** The folder that results are written to. */
export interface ResultTarget {
  readonly bucket: string;
  /** Without a `/` at its end. */
  readonly prefix: string;
}

/** The statuses of the items in each kind of result file. */
const statusesOfKind = {
  SUCCEEDED: ['SUCCEEDED'],
  FAILED: ['FAILED', 'TIMED_OUT', 'ABORTED'],
  PENDING: ['PENDING'],
} as const satisfies Record<string, readonly ItemStatus[]>;

type WriterConfig = NonNullable<NonNullable<MapState['ResultWriter']>['WriterConfig']>;
const defaultWriterConfig: WriterConfig = { OutputType: 'JSON', Transformation: 'NONE' };

/**
 * Evaluates where to write the results and writes an empty file there. So a bucket that cannot be written to fails the
 * Map Run before it starts any child.
 *
 * @throws {StateError} `States.ResultWriterFailed`
 */
export async function prepareResults(
  frame: Frame,
  state: MapState,
  mapRun: MapRunRow,
): Promise<ResultTarget | undefined> {
  if (!state.ResultWriter) return undefined;
  const { Arguments } = state.ResultWriter;
  const bindings = frame.bindings({});
  const bucket =
    (await evaluateString(frame, Arguments.Bucket, bindings, 'ResultWriter/Arguments/Bucket')) ?? '';
  const folder =
    (await evaluateString(frame, Arguments.Prefix, bindings, 'ResultWriter/Arguments/Prefix')) ?? '';
  const id = mapRun.arn.slice(mapRun.arn.lastIndexOf(':') + 1);
  const target = { bucket, prefix: folder === '' ? id : `${folder.replace(/\/$/, '')}/${id}` };
  await put(frame, target, '.writeAccessCheckFile.temp', '');
  return target;
}

/**
 * Writes `SUCCEEDED_n`, `FAILED_n`, `PENDING_n` and `manifest.json`.
 *
 * @returns the output of the Map state
 * @throws {StateError} `States.ResultWriterFailed`
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html (read 2026-11-22)
 */
export async function writeResults(
  frame: Frame,
  state: MapState,
  mapRun: MapRunRow,
  target: ResultTarget,
): Promise<Json> {
  const config = state.ResultWriter?.WriterConfig ?? defaultWriterConfig;
  const ResultFiles: Record<string, Json> = {};
  for (const kind of ['FAILED', 'PENDING', 'SUCCEEDED'] as const) {
    ResultFiles[kind] = await writeKind(frame, mapRun, target, kind, config);
  }
  const manifest = { DestinationBucket: target.bucket, MapRunArn: mapRun.arn, ResultFiles };
  await put(frame, target, 'manifest.json', JSON.stringify(manifest));
  const { store } = frame.run.machine;
  const { SUCCEEDED = 0 } = store.items.counts(mapRun.id);
  store.mapRuns.setResultsWritten(mapRun.id, SUCCEEDED);
  return {
    MapRunArn: mapRun.arn,
    ResultWriterDetails: { Bucket: target.bucket, Key: `${target.prefix}/manifest.json` },
  };
}

async function writeKind(
  frame: Frame,
  mapRun: MapRunRow,
  target: ResultTarget,
  kind: keyof typeof statusesOfKind,
  config: WriterConfig,
): Promise<Json> {
  const extension = config.OutputType.toLowerCase();
  const files: JsonObject[] = [];
  const flush = async (rows: string[]) => {
    const body =
      config.OutputType === 'JSONL' ? rows.map((row) => `${row}\n`).join('') : `[${rows.join(',')}]`;
    const name = `${kind}_${files.length}.${extension}`;
    await put(frame, target, name, body);
    files.push({ Key: `${target.prefix}/${name}`, Size: utf8Bytes(body) });
  };
  let rows: string[] = [];
  let bytes = 0;
  for (const row of resultRows(frame, mapRun, kind, config)) {
    rows.push(row);
    bytes += utf8Bytes(row) + 1;
    if (bytes < maxFileBytes) continue;
    await flush(rows);
    rows = [];
    bytes = 0;
  }
  if (rows.length > 0) await flush(rows);
  return files;
}

/** Result rows in the format of `Transformation`. Items that did not succeed always have all details. */
function* resultRows(
  frame: Frame,
  mapRun: MapRunRow,
  kind: keyof typeof statusesOfKind,
  config: WriterConfig,
): Generator<string> {
  const { store } = frame.run.machine;
  for (const status of statusesOfKind[kind]) {
    for (let after = -1; ; ) {
      const page = store.items.page(mapRun.id, status, after, rowsPerPage);
      for (const item of page) {
        if (item.execution === null)
          yield JSON.stringify({ Input: item.input, InputDetails: { Included: true }, Status: 'PENDING' });
        else
          yield* transformed(
            store.executions.get(item.execution),
            status === 'SUCCEEDED' ? config.Transformation : 'NONE',
          );
      }
      const last = page.at(-1);
      if (!last || page.length < rowsPerPage) break;
      after = last.item_index;
    }
  }
}

function* transformed(
  child: ExecutionRow,
  transformation: WriterConfig['Transformation'],
): Generator<string> {
  const output = child.output ?? 'null';
  if (transformation === 'NONE') yield JSON.stringify(childDetails(child));
  else if (transformation === 'COMPACT') yield output;
  else {
    const value = JSON.parse(output) as Json;
    if (Array.isArray(value)) yield* value.map((each) => JSON.stringify(each));
    else yield output;
  }
}

function childDetails(child: ExecutionRow): JsonObject {
  const date = (millis: number | null) => new Date(millis ?? 0).toISOString();
  return {
    ExecutionArn: child.arn,
    Input: child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output !== null && { Output: child.output, OutputDetails: { Included: true } }),
    ...(child.error !== null && { Error: child.error }),
    ...(child.cause !== null && { Cause: child.cause }),
    RedriveCount: child.redrive_count,
    ...(child.redrive_date !== null && { RedriveDate: date(child.redrive_date) }),
    RedriveStatus: child.status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN',
    ...(child.status === 'SUCCEEDED' && {
      RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    }),
    StartDate: date(child.start_date),
    StateMachineArn: child.state_machine_arn,
    Status: child.status,
    StopDate: date(child.stop_date),
  };
}

/**
 * Returns the results of a Map without a ResultWriter: the outputs of the children that succeeded, in order.
 *
 * @throws {StateError} `States.DataLimitExceeded`
 */
export function collectResults(frame: Frame, mapRun: MapRunRow): Json {
  const outputs: Json[] = [];
  let bytes = 0;
  for (const row of resultRows(frame, mapRun, 'SUCCEEDED', {
    OutputType: 'JSON',
    Transformation: 'COMPACT',
  })) {
    outputs.push(JSON.parse(row) as Json);
    bytes += utf8Bytes(row);
    if (bytes > Quotas.payloadBytes) break; // more outputs would only use memory
  }
  serializePayload(frame, outputs, 'joined outputs');
  return outputs;
}

async function put(frame: Frame, target: ResultTarget, name: string, body: string): Promise<void> {
  try {
    const { resultSink } = frame.run.machine;
    await resultSink.putObject(target.bucket, `${target.prefix}/${name}`, body, frame.signal);
  } catch (error) {
    frame.signal.throwIfAborted();
    const message =
      error instanceof Error
        ? `${error.name}: ${error.message}`
        : isJsonObject(error)
          ? JSON.stringify(error)
          : String(error);
    throw frame.failure(
      'States.ResultWriterFailed',
      `Cannot write s3://${target.bucket}/${target.prefix}/${name}. ${message}`,
    );
  }
}
