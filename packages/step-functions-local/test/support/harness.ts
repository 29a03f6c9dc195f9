import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine.ts';
import type { Json, JsonObject } from '../../src/json.ts';
import type { InvokeRequest, InvokeResponse } from '../../src/lambda/invocation.ts';
import type { ListedObject } from '../../src/map-run/ports.ts';
import { seededRandom } from '../../src/random.ts';
import type { ExecutionRow } from '../../src/store/execution-table.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The state machine of all these tests. */
export const machineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:machine';

/** The handler of a fake function. It may throw, or wait for the clock. */
export type FakeFunction = (payload: never, call: number) => Json | Promise<Json>;

/** Creates an error with a name for a fake function to throw. */
export function named(name: string, message = 'on purpose'): Error {
  return Object.assign(new Error(message), { name });
}

/** Runs fake functions by name and remembers every call. */
export class FakeFunctions {
  readonly calls: { functionName: string; payload: Json }[] = [];
  readonly #functions: Readonly<Record<string, FakeFunction>>;

  constructor(functions: Readonly<Record<string, FakeFunction>>) {
    this.#functions = functions;
  }

  /** The payloads that one function was called with. */
  payloads(functionName: string): Json[] {
    return this.calls.filter((call) => call.functionName === functionName).map((call) => call.payload);
  }

  readonly invoke = async ({ functionName, payload }: InvokeRequest): Promise<InvokeResponse> => {
    this.calls.push({ functionName, payload });
    const run = this.#functions[functionName];
    if (!run) throw new Error(`The test has no fake function "${functionName}".`);
    try {
      return { kind: 'result', payload: await run(payload as never, this.payloads(functionName).length) };
    } catch (error) {
      const { name, message } = error as Error;
      if (name.startsWith('Lambda.')) return { kind: 'serviceError', error: name, cause: message };
      return { kind: 'functionError', functionError: { errorType: name, errorMessage: message } };
    }
  };
}

/** A bucket in memory: objects to list, and objects that were put. */
export class FakeBucket {
  readonly objects: ListedObject[] = [];
  readonly puts = new Map<string, string>();
  listings = 0;
  failure: Error | undefined;

  add(...keys: readonly string[]): this {
    for (const Key of keys) {
      this.objects.push({ Key, Etag: '"e"', LastModified: 1, Size: 1, StorageClass: 'STANDARD' });
    }
    return this;
  }

  async *listObjects(_bucket: string, prefix: string): AsyncGenerator<readonly ListedObject[]> {
    this.listings += 1;
    if (this.failure) throw this.failure;
    const listed = this.objects.filter(({ Key }) => Key.startsWith(prefix));
    for (let start = 0; start < listed.length; start += 100) yield listed.slice(start, start + 100);
  }

  async putObject(bucket: string, key: string, body: string): Promise<void> {
    if (this.failure) throw this.failure;
    this.puts.set(`${bucket}/${key}`, body);
  }

  /** Returns the JSON of the first object whose key has this suffix. */
  json(suffix: string): JsonObject[] {
    const key = [...this.puts.keys()].find((each) => each.endsWith(suffix));
    return JSON.parse(this.puts.get(key ?? '') ?? 'null') as JsonObject[];
  }
}

/** An engine with virtual time and fake functions, in its own folder. */
export class Harness {
  readonly clock = new VirtualClock();
  readonly bucket = new FakeBucket();
  readonly directory = mkdtempSync(join(tmpdir(), 's3copy-engine-'));
  readonly functions: FakeFunctions;
  #definition: object;
  readonly #options: Partial<EngineOptions>;
  engine: Engine;

  constructor(
    definition: object,
    functions: Readonly<Record<string, FakeFunction>> = {},
    options: Partial<EngineOptions> = {},
  ) {
    this.functions = new FakeFunctions(functions);
    this.#definition = definition;
    this.#options = options;
    this.engine = this.#open();
  }

  #open(): Engine {
    return createEngine({
      dataDirectory: this.directory,
      definition: this.#definition,
      stateMachineArn: machineArn,
      clock: this.clock,
      random: seededRandom(1),
      invoke: this.functions.invoke,
      itemSource: this.bucket,
      resultSink: this.bucket,
      ...this.#options,
    });
  }

  /** Starts an execution and waits for its end. */
  async run(input: Json = {}, name?: string): Promise<ExecutionRow> {
    const { arn } = this.engine.startExecution({ input: JSON.stringify(input), name });
    return await this.engine.waitFor(arn);
  }

  /** Redrives an execution and waits for its end. */
  async redrive(arn: string): Promise<ExecutionRow> {
    await this.engine.redriveExecution({ arn });
    return await this.engine.waitFor(arn);
  }

  /** Returns the types of an execution's events, in order. */
  events(arn: string): string[] {
    return this.engine.queries.history(arn).map(({ type }) => type);
  }

  /** Returns the details of an execution's events of one type. */
  details(arn: string, type: string): JsonObject[] {
    const events = this.engine.queries.history(arn).filter((event) => event.type === type);
    return events.map(({ details }) => JSON.parse(details ?? '{}') as JsonObject);
  }

  /** Closes the engine and opens it again, perhaps with another definition. */
  async reopen(definition = this.#definition): Promise<void> {
    await this.engine.close();
    this.#definition = definition;
    this.engine = this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Creates a definition from states. The first state is the start. */
export function machine(states: Readonly<Record<string, object>>, more: object = {}): object {
  return { QueryLanguage: 'JSONata', ...graph(states), ...more };
}

/** Creates a graph from states. The first state is the start. */
export function graph(states: Readonly<Record<string, object>>): { StartAt: string; States: object } {
  return { StartAt: Object.keys(states)[0] ?? '', States: states };
}

/** Creates a task that passes its input to a function and returns the function's result. */
export function task(functionName: string, more: object = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionName, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    ...('Next' in more ? {} : { End: true }),
    ...more,
  };
}

/** Creates an ItemReader that lists the objects under a prefix of the bucket `work`. */
export function reader(prefix: string): object {
  return { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'work', Prefix: prefix } };
}

/** Creates a Distributed Map over `s3://work/orders/` with the label `Orders`. Its children get the key. */
export function distributed(inner: Readonly<Record<string, object>>, more: object = {}): object {
  return {
    Type: 'Map',
    Label: 'Orders',
    ...('Items' in more ? {} : { ItemReader: reader('orders/') }),
    ItemSelector: { key: '{% $states.context.Map.Item.Value.Key %}' },
    ItemProcessor: { ...graph(inner), ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    ...('Next' in more ? {} : { End: true }),
    ...more,
  };
}
