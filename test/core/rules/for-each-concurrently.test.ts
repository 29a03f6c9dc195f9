import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { forEachConcurrently } from '../../../core/rules/for-each-concurrently.ts';

describe('work on several items at once', () => {
  it.each([
    { items: 7, width: 3, most: 3 },
    { items: 2, width: 5, most: 2 },
    { items: 0, width: 5, most: 0 },
  ])(
    'begins $items items in their order, $most at once of at most $width',
    async ({ items, width, most }) => {
      const begun: number[] = [];
      let [running, peak] = [0, 0];
      const numbers = Array.from({ length: items }, (_, index) => index);

      await forEachConcurrently(numbers, width, async (item) => {
        begun.push(item);
        running += 1;
        peak = Math.max(peak, running);
        await nextTurn();
        running -= 1;
      });

      expect(begun).toEqual(numbers);
      expect(peak).toBe(most);
      expect(running).toBe(0);
    },
  );

  it('begins nothing after an error, and waits for the items that have begun', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      if (item === 1) throw new Error('of item 1');
      await nextTurn();
      ended.push(item);
    };

    await expect(forEachConcurrently([0, 1, 2, 3], 2, work)).rejects.toThrow('of item 1');

    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([0]);
  });

  it('throws the error of the first item in order, whichever failed first', async () => {
    const work = async (item: number): Promise<void> => {
      for (let turn = item; turn < 2; turn += 1) await nextTurn();
      throw new Error(`of item ${item}`);
    };

    await expect(forEachConcurrently([0, 1, 2], 3, work)).rejects.toThrow('of item 0');
  });
});
