import * as z from 'zod';
import { type CopyRequest, parseCopyRequest } from '../core/model/copy-request.ts';
import type { RunFolder } from './run-folder.ts';
import { UsageError } from './usage-error.ts';

/** A run that has ended, and what it was asked to do. */
export interface EndedRun {
  readonly name: string;
  readonly folder: RunFolder;
  readonly request: CopyRequest & { readonly dest: NonNullable<CopyRequest['dest']> };
  /** Whether the request itself names a part size. */
  readonly isPartSizeNamed: boolean;
  readonly endedAt: Date;
}

const Record = z.object({ request: z.record(z.string(), z.unknown()) });

/**
 * Reads what a run was asked to do.
 *
 * @returns undefined for one without destination, which leaves nothing
 * @throws {UsageError} when there is no such run, or no more
 */
export async function readRun(name: string, folder: RunFolder, endedAt: Date): Promise<EndedRun | undefined> {
  const record = await folder.json('request.json', Record);
  if (record === undefined) throw new UsageError(`there is no run in ${folder.locate('')}`);
  const request = parseCopyRequest(record.request);
  const { dest } = request;
  if (dest === undefined) return undefined;
  const isPartSizeNamed = record.request['partSize'] !== undefined;
  return { name, folder, request: { ...request, dest }, isPartSizeNamed, endedAt };
}
