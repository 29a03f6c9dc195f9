import * as z from 'zod';
import { readRunAccess } from '../access/role-access.ts';
import { type CopyRecordPair, findPair, pairFolder } from '../model/copy-records.ts';
import { type CopyRequest, parseCopyRequest } from '../model/copy-request.ts';
import { destinationFolder, type Mapping, readSourcePath, type SourcePath } from '../model/paths.ts';
import { formatVersion } from '../model/task-inputs.ts';
import { type Filter, makeFilter } from '../rules/filters.ts';
import { hashes } from '../rules/hashes.ts';
import { type PartRule, partRule } from '../rules/part-layout.ts';
import type { ObjectStores } from '../s3/clients.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import { setLogLevel } from './log.ts';
import { AllRuns, RunFiles, WorkFiles } from './run-files.ts';

/** `request.json`: what the run was asked to do, by which execution, and where the buckets are. */
export const RunRecord = z.strictObject({
  v: z.literal(formatVersion),
  execution: z.strictObject({ arn: z.string(), startTime: z.string() }),
  /** As the user gave it. */
  request: z.record(z.string(), z.unknown()),
  regions: z.strictObject({ source: z.string(), destination: z.string() }),
  /** How many functions may run at once, where that is known. */
  functionsAtOnce: z.int().nonnegative().optional(),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** Path of `request.json` in the folder of a run. */
export const runRecordPath = 'request.json';

/** The destination of a run, as its rules need it. */
export interface Destination {
  readonly bucket: string;
  readonly mapping: Mapping;
  /** Speaks to the destination's region: copies are asked for there, by who reads the source and writes here. */
  readonly store: ObjectStore;
  /** The same for listing and looking up what is there, and for deleting it: `roles.destination`. */
  readonly lister: ObjectStore;
  /** Where part files go. */
  readonly temp: { readonly bucket: string; readonly prefix: string };
}

/** A run as each task opens it. */
export interface Run {
  readonly name: string;
  readonly record: RunRecord;
  readonly copyRequest: CopyRequest;
  /** How the parts of copies are sized. */
  readonly parts: PartRule;
  readonly path: SourcePath;
  /** On keys relative to `path`. */
  readonly filter: Filter;
  readonly files: RunFiles;
  /** This one's among them. */
  readonly allRuns: AllRuns;
  /** What earlier runs of the same two ends have proven; left out when the source is only listed. */
  readonly copyRecords?: CopyRecordFolder;
  readonly source: { readonly bucket: string; readonly store: ObjectStore };
  /** Left out when the source is only listed. */
  readonly destination?: Destination;
}

/** Where the copy records of a run's two ends are. */
export interface CopyRecordFolder {
  readonly pair: CopyRecordPair;
  readonly files: WorkFiles;
}

/** Where the stack's own files are. */
export interface WorkBucket {
  readonly stores: ObjectStores;
  readonly region: string;
  readonly name: string;
}

/** The files of a run. */
export const openRunFiles = ({ stores, region, name }: WorkBucket, run: string): RunFiles =>
  new RunFiles(stores.in(region), name, run);

/** The copy records of the ends of a run. */
function copyRecordsOf(
  { stores, region, name }: WorkBucket,
  source: string,
  destination: Destination,
): CopyRecordFolder {
  const pair = findPair(source, destination.bucket, destination.mapping);
  return { pair, files: new WorkFiles(stores.in(region), name, pairFolder(pair, hashes)) };
}

/** The destination that a request names. */
export function openDestination(
  request: CopyRequest,
  stores: ObjectStores,
  region: string,
): Destination | undefined {
  if (request.dest === undefined) return undefined;
  const { bucket, path } = request.dest;
  const { copying, listing } = readRunAccess(request);
  return {
    bucket,
    mapping: { base: readSourcePath(request.src.path).base, folder: destinationFolder(path) },
    store: stores.in(region, copying),
    lister: stores.in(region, listing),
    temp: { bucket: request.tempPrefix.bucket ?? bucket, prefix: request.tempPrefix.prefix },
  };
}

/**
 * Opens the run that `prepare` has recorded.
 *
 * @throws {CopyError} `RunFileError` when its folder has expired
 */
export async function openRun(name: string, workBucket: WorkBucket): Promise<Run> {
  const files = openRunFiles(workBucket, name);
  const record = await files.read(runRecordPath, RunRecord);
  const request = parseCopyRequest(record.request);
  setLogLevel(request.logLevel);
  const destination = openDestination(request, workBucket.stores, record.regions.destination);
  return {
    name,
    record,
    copyRequest: request,
    parts: partRule(request, record.request['partSize'] !== undefined),
    path: readSourcePath(request.src.path),
    filter: makeFilter(request),
    files,
    allRuns: new AllRuns(workBucket.stores.in(workBucket.region), workBucket.name),
    source: {
      bucket: request.src.bucket,
      store: workBucket.stores.in(record.regions.source, readRunAccess(request).copying),
    },
    ...(destination === undefined
      ? {}
      : { destination, copyRecords: copyRecordsOf(workBucket, request.src.bucket, destination) }),
  };
}

/** Whether the plan looks for destination keys that the source lacks. */
export const looksForExtra = ({ copyRequest }: Run): boolean => copyRequest.delete || copyRequest.compareOnly;

/** Whether the plan is all that the run does. */
export const onlyPlans = ({ copyRequest }: Run): boolean => copyRequest.dryRun || copyRequest.compareOnly;

/** Whether the run writes down what it proves, for runs to come. Only a comparison of contents asks for it. */
export const keepsCopyRecords = (run: Run): boolean =>
  run.copyRecords !== undefined && run.copyRequest.compare === 'content' && !onlyPlans(run);
