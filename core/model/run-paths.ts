import type { MapName } from './batches.ts';

/** Paths of the files of a run, below its folder in the work bucket. */
export const runPaths = {
  /** Position and counts of the planner. */
  planCursor: 'plan/cursor.json',
  /** One of the files that hold the plan itself. */
  planLines: (name: string): string => `plan/lines/${name}.jsonl`,
  /** One of the files that hold what the plan has found out about copy records. */
  planCopyRecords: (name: string): string => `plan/copy-records/${name}.jsonl`,
  /** Counts of the batches of a pass. */
  pass: (pass: number): string => `plan/passes/${pass}.json`,
  batches: (pass: number, map: MapName): string => `batches/${pass}/${map}/`,
  batch: (pass: number, map: MapName, name: string): string => `batches/${pass}/${map}/${name}.jsonl`,
  /** All results of one map of a pass. */
  mapResults: (pass: number, map: MapName): string => `results/${pass}/${map}/`,
  /** Results of one batch in one pass. */
  results: (pass: number, map: MapName, batch: string): string => `results/${pass}/${map}/${batch}/`,
  /** Results of one invocation. */
  segment: (pass: number, map: MapName, batch: string, name: string): string =>
    `results/${pass}/${map}/${batch}/${name}.jsonl`,
  /** How far the deletes after a pass are. */
  deletes: (pass: number): string => `deletes/${pass}.json`,
  /** Keys that S3 refused to delete, of a stretch of the plan. */
  undeleted: (pass: number, file: number, line: number): string =>
    `deletes/${pass}/${String(file).padStart(6, '0')}-${String(line).padStart(6, '0')}.jsonl`,
  /** What the first objects of the batches of a pass were denied. */
  denied: (pass: number): string => `plan/denied/${pass}.json`,
  /** Written by the first invocation that copies an object: the run is not denied everything. */
  copied: 'plan/copied.json',
  reconcileCursor: (pass: number): string => `plan/reconcile/${pass}.json`,
  /** The version of a large object that all tasks of a pass copy. */
  opened: (pass: number, batch: string): string => `plan/opened/${pass}/${batch}.json`,
  /** The uploads of one target. */
  uploads: (keyHash: string): string => `uploads/${keyHash}/`,
  /** The upload that all invocations use to copy one version of a source, in parts of one layout, to one target. */
  upload: (keyHash: string, layoutHash: string): string => `uploads/${keyHash}/${layoutHash}.json`,
  /** The uploads of one target that are opened only to learn what S3 says of them. */
  probe: (keyHash: string): string => `uploads/${keyHash}/probe.json`,
  /** Sizes of the parts of one version of a source, where they had to be looked up one by one. */
  sourceParts: (versionHash: string): string => `plan/parts/${versionHash}.json`,
  /** A target whose bytes are published and whose properties are not all written. */
  properties: (keyHash: string): string => `properties/${keyHash}.json`,
  /** A target that was published, and whose part files are being removed. */
  published: (keyHash: string): string => `published/${keyHash}.json`,
  /** How far the report of a pass is written; each redrive writes its own. */
  reportCursor: (pass: number, redrives: number): string => `report/cursor/${pass}-${redrives}.json`,
  /** A chunk of an ascending sequence of failures, all of which are merged at the end. */
  sortedFailures: (pass: number, redrives: number, sequence: number, chunk: number): string =>
    `report/cursor/${pass}-${redrives}/sorted-${String(sequence).padStart(4, '0')}-${String(chunk).padStart(4, '0')}.jsonl`,
  /** How far they are merged. */
  mergeCursor: (pass: number, redrives: number): string => `report/cursor/${pass}-${redrives}/merge.json`,
  /** A chunk of the failures in order, joined at the end. */
  failuresChunk: (pass: number, redrives: number, chunk: number): string =>
    `report/cursor/${pass}-${redrives}/failures-${String(chunk).padStart(4, '0')}.jsonl`,
  /** How far the copy records of a run are merged with those of earlier ones. */
  copyRecordsCursor: (pass: number, redrives: number): string =>
    `report/copy-records/${pass}-${redrives}.json`,
  /** How far the list of differences is written. */
  differencesCursor: 'report/cursor/differences.json',
  /** A chunk of the differences, joined at the end. */
  differencesChunk: (chunk: number): string =>
    `report/cursor/differences-${String(chunk).padStart(4, '0')}.txt`,
  /** How far the batches of a redrive are written. */
  redriveCursor: (pass: number, redrives: number): string => `plan/redrive/${pass}-${redrives}.json`,
  /** Named files that were missing when the plan was made, and were found by a redrive. */
  found: 'plan/found.json',
  /** Which pass was reported last, in which redrive. */
  reported: 'report/reported.json',
  report: 'report/report.json',
  failures: 'report/failures.jsonl',
  /** What a run that only compares found of each key. */
  differences: 'report/differences.txt',
  manifest: 'report/manifest.json',
  page: 'report/index.html',
} as const;

/** The batch of a path below `batches/` or `results/`, whose fourth part it is. */
export const batchInPath = (path: string): string => (path.split('/')[3] ?? '').replace(/\.jsonl$/, '');
