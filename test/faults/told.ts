import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { type Status, statuses } from '../../core/model/statuses.ts';

/** A line of an order, as far as it is looked at. */
const Ordered = z.object({ line: z.int(), key: z.string() });

/** A line of a result segment, as far as it is looked at. */
const Ended = z.object({
  line: z.int(),
  status: z.enum(statuses),
  sourceEtag: z.string().optional(),
  error: z.string().optional(),
  message: z.string().optional(),
});
export type Ended = Omit<z.infer<typeof Ended>, 'line'>;

/** All that a run tells of each planned object, by source key: one result or more, or none of any worker that lived. */
export type Told = ReadonlyMap<string, readonly Ended[]>;

const folder = 'runs/run/';

/** Reads the orders of a run and what its workers have written of them. */
export async function toldOf(s3: S3Client, bucket: string): Promise<Told> {
  const keys = new Map<string, string>();
  for (const { order, text } of await filesOf(s3, bucket, 'orders/1/'))
    for (const { line, key } of linesOf(text, Ordered)) keys.set(`${order} ${line}`, key);
  const told = new Map([...keys.values()].map((key): [string, Ended[]] => [key, []]));
  for (const { order, text } of await filesOf(s3, bucket, 'results/'))
    for (const { line, ...ended } of linesOf(text, Ended))
      told.get(keys.get(`${order} ${line}`) ?? '')?.push(ended);
  return told;
}

/** The status that counts of several; a planned object without any result has failed. */
export const statusOf = (results: readonly Ended[]): Status =>
  statuses.find((status) => results.some((ended) => ended.status === status)) ?? 'failed';

function linesOf<T>(text: string, schema: z.ZodType<T>): T[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => schema.parse(JSON.parse(line)));
}

/** The files below a path with the order that each is about: `<pass>/<lane>/<order>`, without the pass. */
async function filesOf(s3: S3Client, Bucket: string, path: string) {
  const files: { readonly order: string; readonly text: string }[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket, Prefix: folder + path },
  )) {
    for (const { Key = '' } of Contents) {
      const [, , lane, order = ''] = Key.slice(folder.length).split('/');
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      files.push({
        order: `${lane}/${order.replace('.jsonl', '')}`,
        text: (await Body?.transformToString()) ?? '',
      });
    }
  }
  return files;
}
