/**
 * Does the work for each item, several at once, in their order. After the first error no further item is started, and
 * items in progress are awaited, so that nothing continues after the call returns.
 *
 * @param width items at once
 * @throws the error of the first item that has one, whichever failed first: the same failures give the same error
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const failed: { readonly index: number; readonly error: unknown }[] = [];
  const worker = async (): Promise<void> => {
    while (failed.length === 0 && next < items.length) {
      const index = next;
      next += 1;
      try {
        await work(items[index] as T);
      } catch (error) {
        failed.push({ index, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  const [first] = failed.toSorted((a, b) => a.index - b.index);
  if (first !== undefined) throw first.error;
}
