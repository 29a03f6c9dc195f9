import type { MapState } from '../definition/schema.ts';
import type { StateError } from '../errors.ts';
import type { Frame } from '../interpreter/frame.ts';
import { payloadText } from '../interpreter/payload.ts';
import { evaluateString, wrongType } from '../interpreter/settings.ts';
import type { Json } from '../json.ts';

/**
 * Reads the items of a Distributed Map, once, into the store: a redrive uses them again.
 *
 * Only a page of them is ever in memory.
 *
 * @throws {StateError} `States.ItemReaderFailed` when the bucket cannot be listed
 */
export async function readItems(
  frame: Frame,
  state: MapState,
  mapRun: number,
  retryCount: number,
): Promise<void> {
  const { store } = frame.run.machine;
  store.items.clear(mapRun);
  let index = 0;
  for await (const { items, source } of pages(frame, state, retryCount)) {
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
  store.mapRuns.setItemsRead(mapRun);
}

interface Page {
  readonly items: readonly Json[];
  /** What `$states.context.Map.Item.Source` says of them. */
  readonly source: string;
}

async function* pages(frame: Frame, state: MapState, retryCount: number): AsyncGenerator<Page> {
  const bindings = frame.bindings({}, { retryCount });
  if (!state.ItemReader) {
    const { expressions } = frame.run.machine;
    const items =
      state.Items === undefined ? frame.input : await expressions.evaluate(state.Items, bindings, 'Items');
    if (!Array.isArray(items)) throw wrongType('Items', state.Items ?? '$states.input', items, 'an array');
    yield { items, source: 'STATE_DATA' };
    return;
  }
  const { Arguments } = state.ItemReader;
  const bucket =
    (await evaluateString(frame, Arguments.Bucket, bindings, 'ItemReader/Arguments/Bucket')) ?? '';
  const prefix =
    (await evaluateString(frame, Arguments.Prefix, bindings, 'ItemReader/Arguments/Prefix')) ?? '';
  try {
    for await (const items of frame.run.machine.itemSource.listObjects(bucket, prefix)) {
      yield { items, source: `S3://${bucket}` };
    }
  } catch (error) {
    throw readerFailure(frame, error, `s3://${bucket}/${prefix}`);
  }
}

function readerFailure(frame: Frame, error: unknown, what: string): StateError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return frame.failure('States.ItemReaderFailed', `Cannot list ${what}. ${message}`);
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
