import { createHash, randomUUID } from 'node:crypto';
import type { Expression } from 'jsonata';
import { type Random, seededRandom } from './random.ts';

/** The algorithms of `$hash`: the names of Step Functions and those of Node.js. */
const digestNames: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/**
 * Adds the functions that Step Functions adds to JSONata 2.0.6, and removes `$eval`, which it does not support.
 *
 * Arguments out of range return `undefined`, which fails the field. Fractions are rounded toward zero.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
 */
export function addFunctions(expression: Expression, random: Random): void {
  expression.assign('eval', undefined);
  expression.registerFunction('partition', partition);
  expression.registerFunction('range', range);
  expression.registerFunction('hash', hash);
  expression.registerFunction('random', (seed?: number) =>
    seed === undefined ? random() : seededRandom(seed)(),
  );
  expression.registerFunction('uuid', () => randomUUID());
  expression.registerFunction('parse', (text?: string) =>
    text === undefined ? undefined : JSON.parse(text),
  );
}

function partition(array?: unknown, size?: number): unknown[][] | undefined {
  if (!Array.isArray(array) || array.length === 0 || typeof size !== 'number') return undefined;
  const chunk = Math.trunc(size);
  if (chunk < 1) return undefined;
  return Array.from({ length: Math.ceil(array.length / chunk) }, (_, index) =>
    array.slice(index * chunk, (index + 1) * chunk),
  );
}

function range(start?: number, end?: number, step?: number): number[] | number | undefined {
  if (start === undefined || end === undefined || step === undefined) return undefined;
  const [from, to, by] = [Math.trunc(start), Math.trunc(end), Math.trunc(step)];
  if (by === 0 || (to - from) * by < 0) return undefined;
  const values = Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
  return values.length === 1 ? values[0] : values;
}

function hash(text?: string, algorithm?: string): string | undefined {
  if (typeof text !== 'string' || algorithm === undefined) return undefined;
  const digest = digestNames[algorithm];
  if (digest === undefined)
    throw new Error(
      `$hash does not support the algorithm "${algorithm}". Use ${Object.keys(digestNames).join(', ')}.`,
    );
  return createHash(digest).update(text, 'utf8').digest('hex');
}
