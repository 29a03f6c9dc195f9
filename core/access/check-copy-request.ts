import { parseRequest, type Request } from '../model/copy-request.ts';
import { CopyError } from '../model/errors.ts';
import { refuseDeleteOverlap, refuseOverlap } from '../model/paths.ts';
import { type Allowed, refuseOthers } from './allowed.ts';

const isPattern = (path: string): boolean => path.endsWith('*') && path !== '*' && !path.endsWith('/*');

function refuseListsOfPattern({ src, files, prefixes, prefixesFrom }: Request): void {
  if (!isPattern(src.path) || (files.length === 0 && prefixes.length === 0 && prefixesFrom === undefined))
    return;
  throw new CopyError(
    'InvalidRequestError',
    `src: ${JSON.stringify(src.path)} is no folder, so files and prefixes cannot be relative to it: name the folder, and the pattern in prefixes`,
  );
}

/**
 * Parses a request, and refuses what no run of this stack could do. It asks nothing of S3, so that it can be known
 * of a sync before the stack is deployed.
 *
 * @param isWork whether a bucket is the work bucket
 * @throws {CopyError} `InvalidRequestError`
 */
export function checkRequest(input: unknown, allowed: Allowed, isWork: (bucket: string) => boolean): Request {
  const request = parseRequest(input);
  refuseOthers(request, allowed, isWork);
  refuseListsOfPattern(request);
  if (request.dest !== undefined) {
    refuseOverlap(request.src, request.dest);
    if (request.delete) refuseDeleteOverlap(request.src, request.dest);
  }
  return request;
}
