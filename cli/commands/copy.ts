import { randomUUID } from 'node:crypto';
import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type CopyRequest, parseCopyRequest } from '../../core/model/copy-request.ts';
import { PlanLine } from '../../core/model/plan.ts';
import { PlanCursor } from '../../core/model/plan-cursor.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Arguments } from '../arguments.ts';
import { connect } from '../connect.ts';
import type { Connection } from '../connection.ts';
import { requestOf } from '../copy-request.ts';
import type { View } from '../events.ts';
import { type Uploaded, uploadLists, withTypedNames } from '../lists.ts';
import { takeRoles } from '../local-roles.ts';
import type { Output } from '../output.ts';
import type { RunFolder } from '../run-folder.ts';
import { type Settings, settingsOf } from '../settings.ts';
import { quoted } from '../shell.ts';
import { UsageError } from '../usage-error.ts';
import { runOf } from '../watch.ts';
import { follow, showEnd } from './follow.ts';
import { viewOf } from './view.ts';

/** Lines that a dry run shows, unless all are asked for. */
const shownInDryRun = 1_000;

/**
 * Starts a run and follows it to its end.
 *
 * @returns the exit code
 */
export async function copy(typed: Arguments, output: Output, signal: AbortSignal): Promise<number> {
  const settings = settingsOf(typed);
  const { args, credentials } = await takeRoles(typed, settings.isLocal);
  const wanted = requestOf(args);
  const request = parseCopyRequest(withoutLocalLists(wanted));
  if (settings.showsAll && request.dest !== undefined && !request.dryRun) {
    throw new UsageError('--all needs --dry-run: a copy does not show its objects one by one');
  }
  const connection = await connect(settings, credentials);
  try {
    signal.throwIfAborted();
    return await run(
      { settings, connection, request, output, signal },
      await uploadLists(wanted, connection),
    );
  } finally {
    await connection.close();
  }
}

/** Local lists are not uploaded yet, and only their names are checked then. */
function withoutLocalLists(request: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isLocal = ([field, value]: [string, unknown]) =>
    /^(files|prefixes)From$/.test(field) && typeof value === 'string' && !value.startsWith('s3://');
  return Object.fromEntries(
    Object.entries(request).map((entry) => (isLocal(entry) ? [entry[0], 's3://local-file/list.txt'] : entry)),
  );
}

interface Context {
  readonly settings: Settings;
  readonly connection: Connection;
  readonly request: CopyRequest;
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function run(context: Context, { request: input, typed }: Uploaded): Promise<number> {
  const { settings, connection, request, output, signal } = context;
  const view = viewOf(settings, output, { src: request.src, dest: request.dest });
  const executionArn = await start(connection, settings.name, input);
  view.show({ event: 'started', executionArn, run: runOf(executionArn), request: input });
  const { ended, watch } = await follow({ connection, executionArn, view, signal });
  if (ended.report !== undefined && (request.dryRun || request.dest === undefined)) {
    const limit = settings.showsAll || request.dest === undefined ? Number.POSITIVE_INFINITY : shownInDryRun;
    await showPlan(watch.folder, view, output, limit);
  }
  showEnd(withTypedNames(ended, typed), connection, view, output);
  if (ended.error === 'BucketNotFoundError' && settings.isLocal && settings.endpointUrl === undefined) {
    output.note(
      '--local without --endpoint-url uses the sandbox store of --data, whose buckets are made through s3copy local; for another S3 server add --endpoint-url URL',
    );
  }
  return ended.exitCode;
}

async function start(
  { sfn, stateMachineArn, flags }: Connection,
  name: string = randomUUID(),
  input: Record<string, unknown>,
): Promise<string> {
  const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
  try {
    const { executionArn } = await sfn.send(command);
    return executionArn as string;
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    throw new UsageError(
      `--name: there is a run named ${JSON.stringify(name)} already: choose another name, or look at that run by s3copy status ${quoted(name)} ${flags}`,
    );
  }
}

/** Shows what the plan says of each key. Only one file of it is in memory at a time. */
async function showPlan(folder: RunFolder, view: View, output: Output, limit: number): Promise<void> {
  const cursor = await folder.json(runPaths.planCursor, PlanCursor);
  let shown = 0;
  for (const name of cursor?.files ?? []) {
    for (const line of await folder.lines(runPaths.planLines(name), PlanLine)) {
      if (shown >= limit) {
        output.note(`only the first ${limit} are shown: --all shows every one`);
        return;
      }
      view.show({ event: 'planned', ...line });
      shown += 1;
    }
    await output.taken();
  }
}
