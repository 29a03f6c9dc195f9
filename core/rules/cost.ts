import { formatBytes } from '../model/byte-size.ts';
import type { CopyRequest } from '../model/copy-request.ts';
import { GiB } from '../model/limits.ts';
import { type PlanCounts, total } from '../model/plan.ts';
import type { Estimate } from '../model/report.ts';

/**
 * Prices in dollars of us-east-1, which other regions exceed by up to a half. Without the price of reading from
 * infrequent-access and archive classes, of KMS, and of Lambda and Step Functions.
 *
 * @see https://aws.amazon.com/s3/pricing/ (us-east-1, read 2026-11-22 in copies of that page)
 */
const prices = {
  /** Of 1,000 PUT, COPY, POST and LIST requests, by the storage class that is written. */
  writes: {
    STANDARD: 0.005,
    INTELLIGENT_TIERING: 0.005,
    STANDARD_IA: 0.01,
    ONEZONE_IA: 0.01,
    GLACIER_IR: 0.02,
    GLACIER: 0.03,
    DEEP_ARCHIVE: 0.05,
  } as Readonly<Record<string, number>>,
  /** Of a GiB that leaves its region for another one. */
  transfer: 0.02,
  /** Of a GiB in STANDARD for a month, of the first 50 TiB. */
  storage: 0.023,
} as const;

/** Requests that make one part of a staged target: three for `temp`, one for `part`, one for the target's part. */
const writesOfStagedPart = 5;
/** `layout.json`, the begin and the end of the target's upload, `target.json`. */
const writesOfStagedObject = 4;
const writesOfDirectPart = 1;
/** The begin and the end of the upload. */
const writesOfDirectObject = 2;
/** Staging keeps two files of each part, which prove each other. */
const filesOfPart = 2;

/**
 * Prices a plan before it is carried out.
 *
 * @param isOneRegion whether source and destination lie in the same region
 */
export function estimateCost(
  { planned, inParts }: PlanCounts,
  { strategy, keepParts, storageClass = 'STANDARD' }: CopyRequest,
  isOneRegion: boolean,
): Estimate {
  const { objects, bytes } = total(planned);
  const isStaged = strategy === 'staged';
  const forParts = isStaged
    ? inParts.parts * writesOfStagedPart + inParts.objects * writesOfStagedObject
    : inParts.parts * writesOfDirectPart + inParts.objects * writesOfDirectObject;
  const writes = objects - inParts.objects + forParts;
  const price = prices.writes[storageClass] ?? (prices.writes['STANDARD'] as number);
  const transferBytes = isOneRegion ? 0 : bytes;
  const keptBytes = isStaged && keepParts ? inParts.bytes * filesOfPart : 0;
  return {
    writes,
    writesDollars: cents((writes / 1_000) * price),
    transferBytes,
    transferDollars: cents((transferBytes / GiB) * prices.transfer),
    keptBytes,
    keptDollarsAMonth: cents((keptBytes / GiB) * prices.storage),
  };
}

/** Rounded to a hundredth of a cent, in which small runs cost. */
const cents = (dollars: number): number => Math.round(dollars * 10_000) / 10_000;

/** Dollars for people: whole cents. */
export const formatDollars = (dollars: number): string =>
  dollars > 0 && dollars < 0.01 ? 'less than $0.01' : `$${dollars.toFixed(2)}`;

/** What copying needs, in one line. */
export function copyCost({
  writes,
  writesDollars,
  transferBytes,
  transferDollars,
}: Estimate): string | undefined {
  if (writes === 0) return undefined;
  const transfer =
    transferBytes === 0
      ? ''
      : `, and ${formatBytes(transferBytes)} to another region ${formatDollars(transferDollars)}`;
  return `${writes.toLocaleString('en-US')} ${writes === 1 ? 'request that writes costs' : 'requests that write cost'} ${formatDollars(writesDollars)}${transfer} (prices of us-east-1)`;
}

/** What staging keeps, in one line. */
export function keptCost({ keptBytes, keptDollarsAMonth }: Estimate, run: string): string | undefined {
  if (keptBytes === 0) return undefined;
  return (
    `staging keeps up to ${formatBytes(keptBytes)} of part files, ${formatDollars(keptDollarsAMonth)} a month ` +
    `(price of us-east-1), until s3copy cleanup ${run}; \`keepParts: false\` removes them after each object is verified`
  );
}
