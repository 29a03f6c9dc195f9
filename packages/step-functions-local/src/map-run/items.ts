import type { MapState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import { evaluateString, wrongTypeError } from '../interpreter/evaluate-field.ts';
import type { Frame } from '../interpreter/frame.ts';
import { serializePayload } from '../interpreter/payload.ts';
import type { Json } from '../json.ts';

/**
 * Reads the items of a Distributed Map into the store, page by page. When a child has started, a redrive uses the same
 * items again.
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
  /** Their `$states.context.Map.Item.Source`. */
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
    throw toReaderError(error, `s3://${bucket}/${prefix}`);
  }
}

function toReaderError(error: unknown, location: string): StateError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new StateError('States.ItemReaderFailed', `Cannot list ${location}. ${message}`);
}

async function childInput(
  frame: Frame,
  state: MapState,
  item: { Index: number; Value: Json; Source: string },
): Promise<string> {
  if (state.ItemSelector === undefined)
    return serializePayload(frame, item.Value, `input of child ${item.Index}`);
  const bindings = frame.bindings({}, { mapItem: item });
  const input = await frame.run.machine.expressions.evaluate(state.ItemSelector, bindings, 'ItemSelector');
  return serializePayload(frame, input, `input of child ${item.Index}`);
}

/**
 * Evaluates the items of a Map that has no reader: its field `Items` or its input.
 *
 * @returns undefined when the Map has a reader
 * @throws {EvaluationError} when the items are not an array
 */
export async function evaluateItems(
  frame: Frame,
  state: MapState,
  retryCount: number,
): Promise<readonly Json[] | undefined> {
  if (state.ItemReader) return undefined;
  if (state.Items === undefined) return checkArray('$states.input', frame.input);
  const bindings = frame.bindings({}, { retryCount });
  return checkArray(
    state.Items,
    await frame.run.machine.expressions.evaluate(state.Items, bindings, 'Items'),
  );
}

function checkArray(setting: Json, value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw wrongTypeError('Items', setting, value, 'an array');
}
