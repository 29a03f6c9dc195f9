import type { MapState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import type { Frame } from '../interpreter/frame.ts';
import { payloadText } from '../interpreter/payload.ts';
import { evaluateString, wrongType } from '../interpreter/settings.ts';
import type { Json } from '../json.ts';

/**
 * Reads the items of a Distributed Map into the store: once a child has started, a redrive uses them again.
 *
 * Only a page of them is ever in memory.
 *
 * @throws {StateError} `States.ItemReaderFailed` when the bucket cannot be listed
 */
export async function readItems(
  frame: Frame,
  state: MapState,
  mapRun: number,
  given: readonly Json[] | undefined,
): Promise<void> {
  const { store } = frame.run.machine;
  store.items.clear(mapRun);
  let index = 0;
  for await (const { items, source } of pages(frame, state, given)) {
    frame.signal.throwIfAborted();
    const first = index;
    const inputs = await Promise.all(
      items.map((value, offset) =>
        childInput(frame, state, { Index: first + offset, Value: value, Source: source }),
      ),
    );
    index += items.length;
    store.transaction(() => {
      for (const [offset, input] of inputs.entries()) store.items.insert(mapRun, first + offset, input);
    });
  }
}

interface Page {
  readonly items: readonly Json[];
  /** What `$states.context.Map.Item.Source` says of them. */
  readonly source: string;
}

async function* pages(
  frame: Frame,
  state: MapState,
  given: readonly Json[] | undefined,
): AsyncGenerator<Page> {
  if (given) yield { items: given, source: 'STATE_DATA' };
  if (!state.ItemReader) return;
  const bindings = frame.bindings({});
  const { Arguments } = state.ItemReader;
  const bucket =
    (await evaluateString(frame, Arguments.Bucket, bindings, 'ItemReader/Arguments/Bucket')) ?? '';
  const prefix =
    (await evaluateString(frame, Arguments.Prefix, bindings, 'ItemReader/Arguments/Prefix')) ?? '';
  try {
    for await (const items of frame.run.machine.itemSource.listObjects(bucket, prefix, frame.signal)) {
      yield { items, source: `S3://${bucket}` };
    }
  } catch (error) {
    frame.signal.throwIfAborted();
    throw readerFailure(error, `s3://${bucket}/${prefix}`);
  }
}

function readerFailure(error: unknown, what: string): StateError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new StateError('States.ItemReaderFailed', `Cannot list ${what}. ${message}`);
}

async function childInput(
  frame: Frame,
  state: MapState,
  item: { Index: number; Value: Json; Source: string },
): Promise<string> {
  if (state.ItemSelector === undefined) return payloadText(frame, item.Value, `input of child ${item.Index}`);
  const bindings = frame.bindings({}, { mapItem: item });
  const input = await frame.run.machine.expressions.evaluate(state.ItemSelector, bindings, 'ItemSelector');
  return payloadText(frame, input, `input of child ${item.Index}`);
}

/**
 * The items that a Map gets from its state rather than from a reader; undefined when it has a reader.
 *
 * @throws {EvaluationError} when they are not an array
 */
export async function givenItems(
  frame: Frame,
  state: MapState,
  retryCount: number,
): Promise<readonly Json[] | undefined> {
  if (state.ItemReader) return undefined;
  if (state.Items === undefined) return arrayOf('$states.input', frame.input);
  const bindings = frame.bindings({}, { retryCount });
  return arrayOf(state.Items, await frame.run.machine.expressions.evaluate(state.Items, bindings, 'Items'));
}

function arrayOf(setting: Json, value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw wrongType('Items', setting, value, 'an array');
}
