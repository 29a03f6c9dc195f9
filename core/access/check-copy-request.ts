import { type CopyRequest, parseCopyRequest } from '../model/copy-request.ts';
import { refuseDeleteOverlap, refuseOverlap } from '../model/paths.ts';
import { type Allowed, refuseOthers } from './allowed.ts';

/**
 * Parses a request, and refuses what no run of this stack could do. It asks nothing of S3, so that it can be known
 * of a sync before the stack is deployed.
 *
 * @param isWork whether a bucket is the work bucket
 * @throws {CopyError} `InvalidRequestError`
 */
export function checkRequest(
  input: unknown,
  allowed: Allowed,
  isWork: (bucket: string) => boolean,
): CopyRequest {
  const request = parseCopyRequest(input);
  refuseOthers(request, allowed, isWork);
  if (request.dest !== undefined) {
    refuseOverlap(request.src, request.dest);
    if (request.delete) refuseDeleteOverlap(request.src, request.dest);
  }
  return request;
}
