import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BatchedObject,
  BatchPacker,
  batchName,
  batchSize,
  PlannedObject,
} from '../../../core/model/batches.ts';
import { GiB } from '../../../core/model/limits.ts';

const object = (n: number, size = 1): PlannedObject => ({
  key: `key-${String(n).padStart(7, '0')}`,
  target: `key-${n}`,
  size,
  etag: 'e',
  reason: 'new',
});

const packAll = (objects: readonly PlannedObject[], planned = objects.length): PlannedObject[][] => {
  const packer = new BatchPacker(planned);
  const batches = objects.flatMap((each) => packer.add(each));
  return [...batches, ...packer.close()];
};

const bytesOf = (batch: readonly PlannedObject[]): number => batch.reduce((sum, { size }) => sum + size, 0);

describe('batchSize', () => {
  it.each([
    [0, 250, 'a plan of nothing'],
    [1, 250, 'a small plan, so that all workers have work'],
    [16_000, 250, 'the largest plan of small batches'],
    [16_001, 251, 'one object more'],
    [100_000, 1_563, 'a plan between'],
    [320_000, 5_000, 'the smallest plan of large batches'],
    [100_000_000, 5_000, 'a large plan, so that transitions cost next to nothing'],
  ])('of %i planned objects is %i: %s', (planned, size) => {
    expect(batchSize(planned)).toBe(size);
  });
});

describe('BatchPacker', () => {
  it('makes no order of nothing', () => {
    expect(packAll([])).toEqual([]);
  });

  it('makes one batch of few objects, in their order', () => {
    const objects = Array.from({ length: 250 }, (_, n) => object(n));
    expect(packAll(objects)).toEqual([objects]);
  });

  it('packs one object more to two batches, so that neighbors lie apart', () => {
    const batches = packAll(Array.from({ length: 251 }, (_, n) => object(n)));
    expect(batches.map(({ length }) => length)).toEqual([126, 125]);
    expect(batches[0]?.slice(0, 2).map(({ key }) => key)).toEqual(['key-0000000', 'key-0000002']);
  });

  it('begins a new round when all batches are full', () => {
    const packer = new BatchPacker(16_000);
    const rounds = Array.from({ length: 4_001 }, (_, n) => packer.add(object(n)));
    expect(rounds.slice(0, 4_000).every((round) => round.length === 0)).toBe(true);
    expect(rounds[4_000]?.map(({ length }) => length)).toEqual(Array.from({ length: 16 }, () => 250));
    expect(packer.close()).toEqual([[object(4_000)]]);
  });

  it('gives out what it has at the close, and begins anew', () => {
    const packer = new BatchPacker(2);
    packer.add(object(1));
    expect(packer.close()).toEqual([[object(1)]]);
    expect(packer.close()).toEqual([]);
    packer.add(object(2));
    expect(packer.close()).toEqual([[object(2)]]);
  });

  it.each([
    { sizes: [128, 128], batches: [2], why: 'they fit exactly' },
    { sizes: [128, 128, 1], batches: [2, 1], why: 'the third does not fit' },
    { sizes: [300], batches: [1], why: 'an object above the limit has a batch of its own' },
    { sizes: [300, 1], batches: [1, 1], why: 'and shares it with none' },
    { sizes: [1, 300, 1], batches: [1, 1, 1], why: 'nor with one before' },
  ])('keeps batches to 256 GiB: $sizes GiB make batches of $batches, since $why', ({ sizes, batches }) => {
    const objects = sizes.map((size, n) => object(n, size * GiB));
    expect(packAll(objects).map(({ length }) => length)).toEqual(batches);
  });

  it('puts a small object where there is room for it, beside a full batch', () => {
    const packer = new BatchPacker(500);
    const sizes = [256 * GiB, 1, 1, 1];
    expect(sizes.flatMap((size, n) => packer.add(object(n, size)))).toEqual([]);
    expect(packer.close().map(({ length }) => length)).toEqual([1, 3]);
  });

  const plans = fc
    .record({
      count: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 4_000, max: 4_400 })),
      sizes: fc.array(fc.constantFrom(0, 1, 100 * GiB, 256 * GiB, 300 * GiB), {
        minLength: 1,
        maxLength: 20,
      }),
      factor: fc.constantFrom(1, 2, 50),
    })
    .map(({ count, sizes, factor }) => ({
      planned: count * factor,
      objects: Array.from({ length: count }, (_, n) => object(n, sizes[n % sizes.length])),
    }));

  it('packs every object exactly once, within the limits, always alike', () => {
    fc.assert(
      fc.property(plans, ({ planned, objects }) => {
        const batches = packAll(objects, planned);
        const keys = batches.flat().map(({ key }) => key);
        expect(keys.sort().join()).toBe(objects.map(({ key }) => key).join());
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(batchSize(planned));
          if (batch.length > 1) expect(bytesOf(batch)).toBeLessThanOrEqual(256 * GiB);
        }
        expect(JSON.stringify(packAll(objects, planned))).toBe(JSON.stringify(batches));
      }),
      { numRuns: 20 },
    );
  });

  it('keeps neighbors apart wherever there is more than one batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 251, max: 6_000 }), (count) => {
        const batches = packAll(Array.from({ length: count }, (_, n) => object(n)));
        for (const batch of batches) {
          const numbers = batch.map(({ key }) => Number(key.slice(4)));
          for (const [index, n] of numbers.entries()) {
            if (index > 0 && n - (numbers[index - 1] as number) < 2) throw new Error(`${n} of ${count}`);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  it('goes on alike from the start of any round, so that an invocation that died is followed by another', () => {
    const sizeOf = (n: number): number => ((n * n) % 11 === 3 ? 100 * GiB : 1);
    const objects = Array.from({ length: 600 }, (_, n) => object(n, sizeOf(n)));
    const whole = packAll(objects);
    const packer = new BatchPacker(objects.length);
    const packed: PlannedObject[][] = [];
    let rounds = 0;
    for (const [index, each] of objects.entries()) {
      const round = packer.add(each);
      if (round.length === 0) continue;
      rounds += 1;
      packed.push(...round);
      expect([...packed, ...packAll(objects.slice(index), objects.length)]).toEqual(whole);
    }
    expect(rounds).toBeGreaterThan(10);
  });
});

describe('a batch', () => {
  it.each([
    [1, '000001'],
    [999_999, '999999'],
    [1_000_000, '1000000'],
  ])('number %i is named %s', (n, name) => {
    expect(batchName(n)).toBe(name);
  });

  it('has lines of a strict form', () => {
    const line = { ...object(1), seen: 's', line: 0 };
    expect(BatchedObject.parse(line)).toEqual(line);
    expect(PlannedObject.parse(object(1))).toEqual(object(1));
    expect(BatchedObject.safeParse({ ...line, more: 1 }).success).toBe(false);
    expect(BatchedObject.safeParse({ ...line, line: -1 }).success).toBe(false);
    expect(BatchedObject.safeParse({ ...line, size: 0.5 }).success).toBe(false);
    expect(BatchedObject.safeParse(object(1)).success).toBe(false);
  });
});
