import type { CopyRequest } from '../model/copy-request.ts';
import type { Location } from '../model/location.ts';
import type { BucketTerms, TermsByBucket } from '../s3/bucket-terms.ts';
import type { Access } from '../s3/clients.ts';

/** By whom each end of a run is asked. The work bucket is always the functions' own. */
export interface RunAccess {
  /** Reads the source and writes the destination: `roles.copy`, or the functions themselves. */
  readonly copying: Access;
  /** Lists and heads the destination, and deletes there: `roles.destination`, or who copies. */
  readonly listing: Access;
}

/** What every request of a run says of its buckets. */
function termsOf({ src, dest, tempPrefix, srcOwner, destOwner, requestPayer }: CopyRequest): TermsByBucket {
  const terms: Record<string, BucketTerms> = {};
  const destinations = [dest?.bucket, tempPrefix.bucket].filter((bucket) => bucket !== undefined);
  if (destOwner !== undefined) for (const bucket of destinations) terms[bucket] = { owner: destOwner };
  terms[src.bucket] = {
    ...terms[src.bucket],
    ...(srcOwner === undefined ? {} : { owner: srcOwner }),
    ...(requestPayer ? { requesterPays: true } : {}),
  };
  return terms;
}

/** The roles of a request, and what its requests say of owners and payers. */
export function readRunAccess(request: CopyRequest): RunAccess {
  const terms = termsOf(request);
  const { copy, destination = copy } = request.roles;
  const field = request.roles.destination === undefined ? 'roles.copy' : 'roles.destination';
  return {
    copying: copy === undefined ? { terms } : { terms, role: { ...copy, field: 'roles.copy' } },
    listing: destination === undefined ? { terms } : { terms, role: { ...destination, field } },
  };
}

/** The access for a list of keys: one that lies in the source is read as the source is. */
export const listAccess = (request: CopyRequest, { bucket }: Location): Access =>
  bucket === request.src.bucket ? readRunAccess(request).copying : {};
