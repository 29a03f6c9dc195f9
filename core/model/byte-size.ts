import * as z from 'zod';
import { GiB, KiB, MiB, TiB } from './limits.ts';

const unitBytes: Record<string, number> = { B: 1, KiB, MiB, GiB, TiB };

const toBytes = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|TiB)$/.exec(text);
  if (match === null) return undefined;
  return Math.floor(Number(match[1]) * (unitBytes[match[2] as string] as number));
};

const allowed = 'a whole number of bytes, or a number with a binary unit such as "64MiB" or "1.5GiB"';

/** A size in bytes: a number, or a string with a binary unit (`"64MiB"`). Parsed to bytes. */
export const ByteSize = z
  .union([z.number(), z.string()], { error: `must be ${allowed}` })
  .transform((value, context) => {
    const bytes = typeof value === 'number' ? value : (toBytes(value) ?? wholeNumber(value));
    if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
    context.addIssue({ code: 'custom', message: `must be ${allowed}`, input: value });
    return z.NEVER;
  });

const wholeNumber = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);

/**
 * Writes a size for people: at most three digits, but for 1,000 to 1,023, and a binary unit.
 *
 * @param bytes a size in bytes
 */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (Math.round(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}
