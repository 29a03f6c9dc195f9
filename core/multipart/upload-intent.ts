import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { PlannedObject } from '../model/batches.ts';
import { type CopyContext, targetAddress } from '../run/copy-context.ts';
import type { Checkpoint } from '../run/run-files.ts';
import { S3Error } from '../s3/failures.ts';
import type { Address, Opened, UploadProperties } from '../s3/object-store.ts';

/**
 * Since when this run may have opened uploads of a target that no record names, by the clock of S3; left out when
 * there can be none.
 */
export const OrphansSince = z.number().optional();

/**
 * Written before an upload of a target is opened. If its writer dies, or gets no answer, the run still knows that there
 * may be an upload, and since when.
 */
export const UploadIntent = z.strictObject({
  v: z.literal(1),
  bucket: z.string(),
  key: z.string(),
  /** ETag of the source version. */
  source: z.string(),
  /** Tells the writers apart: what another one has written must not pass for one's own. */
  by: z.string(),
  /** An upload may be open that no record names: since this was written, unless `orphansSince` says more. */
  isOpen: z.boolean(),
  orphansSince: OrphansSince,
});
export type UploadIntent = z.infer<typeof UploadIntent>;

/** An opening of an object's target, yet to be written. */
export const makeIntent = (
  context: CopyContext,
  object: PlannedObject,
  orphansSince: number | undefined,
): UploadIntent => ({
  v: 1,
  ...targetAddress(context, object),
  source: object.etag,
  by: randomUUID(),
  isOpen: true,
  ...(orphansSince === undefined ? {} : { orphansSince }),
});

/** The same when no upload is open any more that no record names. */
export const settleIntent = ({ orphansSince: _, ...intent }: UploadIntent): UploadIntent => ({
  ...intent,
  isOpen: false,
});

/** Since when uploads may be open that no record names, as an opening says that was found. */
export const findOrphansSince = ({
  value,
  lastModified = 0,
}: Checkpoint<UploadIntent>): number | undefined =>
  value.isOpen ? (value.orphansSince ?? lastModified) : undefined;

/** Opens an upload of a target, and remembers whether S3 may have opened another one, whose answer never came. */
export class UploadOpener {
  isLost = false;
  readonly #context: CopyContext;
  readonly #target: Address;

  constructor(context: CopyContext, target: Address) {
    this.#context = context;
    this.#target = target;
  }

  /** Opens an upload with these properties. */
  open(properties: UploadProperties): Promise<Opened> {
    const { destination, limiter } = this.#context;
    return limiter.send(async () => {
      try {
        return await destination.store.createUpload(this.#target, properties);
      } catch (error) {
        this.isLost ||= !isRefusal(error);
        throw error;
      }
    });
  }
}

/** Whether S3 has said that it did nothing. An answer that may pass, `SlowDown` included, does not promise that. */
const isRefusal = (error: unknown): boolean => error instanceof S3Error && !error.passing;
