import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { type Status, statuses } from '../../core/model/statuses.ts';

/** The fields of a line of a batch that are checked. */
const BatchLine = z.object({ line: z.int(), key: z.string() });

/** The fields of a line of a result segment that are checked. */
const Result = z.object({
  line: z.int(),
  status: z.enum(statuses),
  sourceEtag: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
});
export type Result = Omit<z.infer<typeof Result>, 'line'>;

/** The results of each planned object by source key. There are none when every worker was killed before its result. */
export type ResultsByKey = ReadonlyMap<string, readonly Result[]>;

const folder = 'runs/run/';

/** Reads the batches of a run and the results of its workers. */
export async function readResults(s3: S3Client, bucket: string): Promise<ResultsByKey> {
  const keys = new Map<string, string>();
  for (const { batch, text } of await readFiles(s3, bucket, 'batches/1/'))
    for (const { line, key } of parseLines(text, BatchLine)) keys.set(`${batch} ${line}`, key);
  const results = new Map([...keys.values()].map((key): [string, Result[]] => [key, []]));
  for (const { batch, text } of await readFiles(s3, bucket, 'results/'))
    for (const { line, ...ended } of parseLines(text, Result))
      results.get(keys.get(`${batch} ${line}`) ?? '')?.push(ended);
  return results;
}

/** Chooses the status that counts among several results. A planned object without results has failed. */
export const chooseStatus = (results: readonly Result[]): Status =>
  statuses.find((status) => results.some((ended) => ended.status === status)) ?? 'failed';

function parseLines<T>(text: string, schema: z.ZodType<T>): T[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => schema.parse(JSON.parse(line)));
}

/** Reads the files below a path, each with the map and the name of its batch. */
async function readFiles(s3: S3Client, Bucket: string, path: string) {
  const files: { readonly batch: string; readonly text: string }[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket, Prefix: folder + path },
  )) {
    for (const { Key = '' } of Contents) {
      const [, , map, name = ''] = Key.slice(folder.length).split('/');
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      files.push({
        batch: `${map}/${name.replace('.jsonl', '')}`,
        text: (await Body?.transformToString()) ?? '',
      });
    }
  }
  return files;
}
