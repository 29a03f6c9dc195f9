import { z } from 'zod';
import type { Engine } from '../engine.ts';
import { ApiError } from '../errors.ts';
import { detailsKey } from '../history.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { EventRow } from '../store/event-table.ts';
import type { ExecutionRow } from '../store/execution-table.ts';
import type { MapRunRow } from '../store/map-run-table.ts';
import { fetchPage, readToken, writeToken } from './paging.ts';

/**
 * The operations of the Step Functions API that the engine answers.
 *
 * Shapes, limits and error names are those of the API reference. Dates are seconds since 1970.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html (read 2026-11-22)
 */
export type Operation = (engine: Engine, body: Json) => Json | Promise<Json>;

/** The creation date of the state machine is the time when the engine was started. */
const created = Date.now();

const arn = z.string().min(1).max(256);
const paging = {
  maxResults: z.int().min(0).max(1_000).optional(),
  nextToken: z.string().min(1).max(1_024).optional(),
};

function operation<T extends z.ZodType>(
  input: T,
  run: (engine: Engine, input: z.infer<T>) => Json | Promise<Json>,
): Operation {
  return (engine, body) => {
    const parsed = input.safeParse(body);
    if (!parsed.success) throw new ApiError('ValidationException', z.prettifyError(parsed.error));
    return run(engine, parsed.data);
  };
}

export const operations: Readonly<Record<string, Operation>> = {
  ListStateMachines: operation(z.object(paging), (engine) => ({ stateMachines: [machineSummary(engine)] })),

  DescribeStateMachine: operation(
    z.object({ stateMachineArn: arn, includedData: z.string().optional() }),
    (engine, input) => {
      checkMachine(engine, input.stateMachineArn);
      return {
        ...machineSummary(engine),
        status: 'ACTIVE',
        definition: engine.machine.definition.text,
        roleArn: engine.machine.roleArn,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      };
    },
  ),

  StartExecution: operation(
    z.object({
      stateMachineArn: arn,
      name: z.string().optional(),
      input: z.string().optional(),
      traceHeader: z.string().optional(),
    }),
    (engine, { stateMachineArn, name, input }) => {
      checkMachine(engine, stateMachineArn);
      const execution = engine.startExecution({ name, input });
      return { executionArn: execution.arn, startDate: seconds(execution.start_date) };
    },
  ),

  DescribeExecution: operation(
    z.object({ executionArn: arn, includedData: z.enum(['ALL_DATA', 'METADATA_ONLY']).optional() }),
    (engine, input) => {
      const execution = engine.queries.describeExecution(checkArn(input.executionArn));
      return executionDetails(engine, execution, input.includedData !== 'METADATA_ONLY');
    },
  ),

  GetExecutionHistory: operation(
    z.object({
      executionArn: arn,
      ...paging,
      reverseOrder: z.boolean().optional(),
      includeExecutionData: z.boolean().optional(),
    }),
    (engine, { executionArn, maxResults, nextToken, reverseOrder = false, includeExecutionData = true }) => {
      const limit = maxResults || 100;
      const after =
        nextToken === undefined ? undefined : readToken(nextToken, `${executionArn} ${reverseOrder}`);
      const rows = engine.queries.events(checkArn(executionArn), {
        limit: limit + 1,
        after,
        newestFirst: reverseOrder,
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        events: page.map((event) => historyEvent(event, includeExecutionData)),
        ...(rows.length > limit &&
          last && { nextToken: writeToken(last.id, `${executionArn} ${reverseOrder}`) }),
      };
    },
  ),

  ListExecutions: operation(
    z.object({
      stateMachineArn: arn.optional(),
      mapRunArn: arn.optional(),
      statusFilter: z
        .enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'])
        .optional(),
      redriveFilter: z.enum(['REDRIVEN', 'NOT_REDRIVEN']).optional(),
      ...paging,
    }),
    (engine, input) => {
      if ((input.stateMachineArn === undefined) === (input.mapRunArn === undefined)) {
        throw new ApiError('ValidationException', 'Provide either stateMachineArn or mapRunArn, not both');
      }
      if (input.stateMachineArn !== undefined) checkMachine(engine, input.stateMachineArn);
      const filter = {
        mapRunArn: input.mapRunArn,
        status: input.statusFilter,
        redriven: input.redriveFilter === undefined ? undefined : input.redriveFilter === 'REDRIVEN',
      };
      const { items, nextToken } = fetchPage(input, JSON.stringify(filter), (limit, offset) =>
        engine.queries.executions(filter, limit, offset),
      );
      return {
        executions: items.map((row) => executionSummary(engine, row)),
        ...(nextToken !== undefined && { nextToken }),
      };
    },
  ),

  StopExecution: operation(
    z.object({
      executionArn: arn,
      error: z.string().max(256).optional(),
      cause: z.string().max(32_768).optional(),
    }),
    async (engine, { executionArn, error, cause }) => ({
      stopDate: seconds(await engine.stopExecution({ arn: checkArn(executionArn), error, cause })),
    }),
  ),

  RedriveExecution: operation(
    z.object({ executionArn: arn, clientToken: z.string().min(1).max(64).optional() }),
    async (engine, { executionArn, clientToken }) => {
      const execution = await engine.redriveExecution({ arn: checkArn(executionArn), clientToken });
      return { redriveDate: seconds(execution.redrive_date ?? 0) };
    },
  ),

  ListMapRuns: operation(z.object({ executionArn: arn, ...paging }), (engine, input) => {
    const { executionArn } = input;
    const { items, nextToken } = fetchPage(input, executionArn, (limit, offset) =>
      engine.queries.mapRuns(checkArn(executionArn), limit, offset),
    );
    return {
      mapRuns: items.map((row) => mapRunSummary(engine, executionArn, row)),
      ...(nextToken !== undefined && { nextToken }),
    };
  }),

  DescribeMapRun: operation(z.object({ mapRunArn: arn }), (engine, input) => {
    const mapRun = engine.queries.mapRun(checkArn(input.mapRunArn));
    const counts = { ...engine.queries.mapRunCounts(mapRun) };
    return {
      mapRunArn: mapRun.arn,
      executionArn: engine.queries.executionById(mapRun.execution).arn,
      status: mapRun.status,
      startDate: seconds(mapRun.start_date),
      ...(mapRun.stop_date !== null && { stopDate: seconds(mapRun.stop_date) }),
      maxConcurrency: mapRun.max_concurrency,
      toleratedFailurePercentage: mapRun.tolerated_percentage,
      toleratedFailureCount: mapRun.tolerated_count,
      itemCounts: counts,
      executionCounts: counts,
      redriveCount: mapRun.redrive_count,
      ...(mapRun.redrive_date !== null && { redriveDate: seconds(mapRun.redrive_date) }),
    };
  }),

  UpdateMapRun: operation(
    z.object({
      mapRunArn: arn,
      maxConcurrency: z.int().nonnegative().optional(),
      toleratedFailurePercentage: z.number().min(0).max(100).optional(),
      toleratedFailureCount: z.int().nonnegative().optional(),
    }),
    (engine, input) => {
      engine.updateMapRun({
        arn: checkArn(input.mapRunArn),
        maxConcurrency: input.maxConcurrency,
        toleratedPercentage: input.toleratedFailurePercentage,
        toleratedCount: input.toleratedFailureCount,
      });
      return {};
    },
  ),
};

const seconds = (millis: number) => millis / 1_000;

function checkArn(value: string): string {
  if (!value.startsWith('arn:')) throw new ApiError('InvalidArn', `Invalid Arn: '${value}'`);
  return value;
}

function checkMachine(engine: Engine, stateMachineArn: string): void {
  const known = engine.machine.address.arn;
  if (checkArn(stateMachineArn) !== known) {
    throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
  }
}

function machineSummary({ machine }: Engine): JsonObject {
  return {
    stateMachineArn: machine.address.arn,
    name: machine.address.name,
    type: 'STANDARD',
    creationDate: seconds(created),
  };
}

function executionDetails(engine: Engine, row: ExecutionRow, withData: boolean): JsonObject {
  const obstacle = engine.queries.findRedriveObstacle(row);
  const ofMapRun = row.map_run !== null;
  return {
    executionArn: row.arn,
    stateMachineArn: row.state_machine_arn,
    name: row.name,
    status: row.status,
    startDate: seconds(row.start_date),
    ...(row.stop_date !== null && { stopDate: seconds(row.stop_date) }),
    ...(withData && { input: row.input }),
    inputDetails: { included: withData },
    ...(row.output !== null && {
      ...(withData && { output: row.output }),
      outputDetails: { included: withData },
    }),
    ...(ofMapRun && { mapRunArn: engine.queries.mapRunById(row.map_run ?? 0).arn }),
    ...(row.error !== null && { error: row.error }),
    ...(row.cause !== null && { cause: row.cause }),
    redriveCount: row.redrive_count,
    ...(row.redrive_date !== null && { redriveDate: seconds(row.redrive_date) }),
    redriveStatus:
      obstacle !== undefined ? 'NOT_REDRIVABLE' : ofMapRun ? 'REDRIVABLE_BY_MAP_RUN' : 'REDRIVABLE',
    ...(obstacle !== undefined && { redriveStatusReason: obstacle }),
  };
}

function executionSummary(engine: Engine, row: ExecutionRow): JsonObject {
  return {
    executionArn: row.arn,
    stateMachineArn: row.state_machine_arn,
    name: row.name,
    status: row.status,
    startDate: seconds(row.start_date),
    ...(row.stop_date !== null && { stopDate: seconds(row.stop_date) }),
    ...(row.map_run !== null && { mapRunArn: engine.queries.mapRunById(row.map_run).arn }),
    redriveCount: row.redrive_count,
    ...(row.redrive_date !== null && { redriveDate: seconds(row.redrive_date) }),
  };
}

function mapRunSummary(engine: Engine, executionArn: string, row: MapRunRow): JsonObject {
  return {
    executionArn,
    mapRunArn: row.arn,
    stateMachineArn: `${engine.machine.address.arn}/${row.label}`,
    startDate: seconds(row.start_date),
    ...(row.stop_date !== null && { stopDate: seconds(row.stop_date) }),
  };
}

const dataKeys: ReadonlySet<string> = new Set(['input', 'inputDetails', 'output', 'outputDetails']);

function historyEvent(event: EventRow, withData: boolean): JsonObject {
  const details = event.details === null ? undefined : (JSON.parse(event.details) as Json);
  const shown =
    isJsonObject(details) && !withData
      ? Object.fromEntries(Object.entries(details).filter(([key]) => !dataKeys.has(key)))
      : details;
  return {
    timestamp: seconds(event.timestamp),
    type: event.type,
    id: event.id,
    previousEventId: event.previous_id,
    ...(shown !== undefined && { [detailsKey(event.type)]: shown }),
  };
}
