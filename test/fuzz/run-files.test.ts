import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { BatchedObject, PlannedObject } from '../../core/model/batches.ts';
import { CopyError } from '../../core/model/errors.ts';
import { ObjectResult } from '../../core/model/results.ts';
import { statuses } from '../../core/model/statuses.ts';
import { RunFiles } from '../../core/run/run-files.ts';
import type { ObjectStore } from '../../core/s3/object-store.ts';

const filesWith = (text: string): RunFiles => {
  const get = async () => ({ etag: 'e', text });
  return new RunFiles({ get } as unknown as ObjectStore, 'work', 'run');
};

const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const anyCount = fc.nat();
const line = {
  object: fc.record({
    key: anyText,
    target: anyText,
    size: anyCount,
    etag: anyText,
    reason: anyText,
    line: anyCount,
  }),
  result: fc.record(
    {
      line: anyCount,
      status: fc.constantFrom(...statuses),
      error: anyText,
      message: anyText,
      passing: fc.boolean(),
    },
    { requiredKeys: ['line', 'status'] },
  ),
};

const kinds: readonly {
  readonly name: string;
  readonly schema: z.ZodType<unknown>;
  readonly right: fc.Arbitrary<unknown>;
}[] = [
  { name: 'the objects of a batch', schema: BatchedObject, right: line.object },
  { name: 'the results of a batch', schema: ObjectResult, right: line.result },
];

/** Text that is not a line of any file: not JSON, not an object, or with a wrong field. */
const malformed = fc.oneof(
  fc.constantFrom('', ' ', '{', '}', '[]', 'null', '1', '"a"', '{}', '{"line":-1}', '{"line":1.5}', '\u0000'),
  fc.constantFrom('{"line":0,"status":"copied","x":1}', '{"line":0,"status":"gone"}', '\ufeff{}'),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
  anyText.filter((text) => !text.includes('\n')),
);

const catchError = async (read: Promise<unknown>): Promise<CopyError> => {
  const error = await read.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CopyError);
  return error as CopyError;
};

describe.each(kinds)('$name', ({ schema, right }) => {
  const text = (values: readonly unknown[]): string =>
    values.map((value) => `${JSON.stringify(value)}\n`).join('');

  it('lines of a run file are read as they were written, whatever characters they have', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(right, { maxLength: 5 }), async (values) => {
        expect(await filesWith(text(values)).lines('f', schema)).toEqual(values);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a malformed line of a run file is refused with its number', async () => {
    const before = fc.array(right, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(before, malformed, before, async (first, wrong, last) => {
        const read = filesWith(`${text(first)}${wrong}\n${text(last)}`).lines('f', schema);
        const error = await catchError(read);
        expect(error.name).toBe('RunFileError');
        expect(error.message).toContain(`line ${first.length + 1} of s3://work/runs/run/f`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a run file that ends inside a line is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(right, { minLength: 1, maxLength: 3 }), fc.nat(), async (values, at) => {
        const whole = text(values);
        const cut = whole.slice(0, at % whole.length);
        const isBetweenLines = cut === '' || cut.endsWith('\n') || whole[cut.length] === '\n';
        const files = filesWith(cut);
        if (isBetweenLines)
          expect((await files.lines('f', schema)).length).toBeLessThanOrEqual(values.length);
        else expect((await catchError(files.lines('f', schema))).name).toBe('RunFileError');
      }),
      { numRuns: 1_000 },
    );
  });
});

it('a file that is not JSON, or unexpected JSON, is a RunFileError', async () => {
  await fc.assert(
    fc.asyncProperty(malformed, async (wrong) => {
      const error = await catchError(filesWith(wrong).find('f', PlannedObject));
      expect(error.name).toBe('RunFileError');
    }),
    { numRuns: 1_000 },
  );
});
