/** Letters to change, add or leave out to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/**
 * The known word that was probably meant.
 *
 * @returns undefined when none is near: more than a third of the letters differ
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known.map((name) => ({ name, far: distance(word, name) })).sort((a, b) => a.far - b.far)[0];
  if (near === undefined || near.far > Math.max(1, Math.ceil(word.length / 3))) {
    return known.find((name) => word.length > 2 && name.startsWith(word));
  }
  return near.name;
}
