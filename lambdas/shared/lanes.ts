/**
 * Works through items, several at once, in their order. After the first error no further item is begun; what is
 * under way is waited for, so that nothing goes on behind the back of whoever called.
 *
 * @param width items at once
 * @throws the first error
 */
export async function inLanes<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let first: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (first === undefined && next < items.length) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        first ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (first !== undefined) throw first.error;
}
