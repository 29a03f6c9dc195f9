import { ApiError } from '../errors.ts';

/** A position as an opaque token, good only for the same request. */
export function tokenFor(position: number, request: string): string {
  return Buffer.from(JSON.stringify([position, request])).toString('base64url');
}

/**
 * The position in a token.
 *
 * @throws {ApiError} `InvalidToken` when the token is of another request, or none at all
 */
export function offsetOf(token: string, request: string): number {
  try {
    const [position, of] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [unknown, unknown];
    if (typeof position === 'number' && of === request) return position;
  } catch {
    // not one of ours
  }
  throw new ApiError('InvalidToken', `Invalid Token: '${token}'`);
}

/** A page of a list: 100 items unless `maxResults` says otherwise, and the token of the next page. */
export function pageOf<T>(
  { maxResults, nextToken }: { maxResults?: number; nextToken?: string },
  request: string,
  fetch: (limit: number, offset: number) => T[],
): { items: T[]; nextToken: string | undefined } {
  const limit = maxResults || 100;
  const offset = nextToken === undefined ? 0 : offsetOf(nextToken, request);
  const items = fetch(limit + 1, offset);
  return {
    items: items.slice(0, limit),
    nextToken: items.length > limit ? tokenFor(offset + limit, request) : undefined,
  };
}
