import { ApiError } from '../errors.ts';

/** Writes a position as an opaque token, which is valid only for the same request. */
export function writeToken(position: number, request: string): string {
  return Buffer.from(JSON.stringify([position, request])).toString('base64url');
}

/**
 * Reads the position in a token.
 *
 * @throws {ApiError} `InvalidToken` when it is not a token or belongs to another request
 */
export function readToken(token: string, request: string): number {
  try {
    const [position, tokenRequest] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [
      unknown,
      unknown,
    ];
    if (typeof position === 'number' && tokenRequest === request) return position;
  } catch {
    // not a token of this server
  }
  throw new ApiError('InvalidToken', `Invalid Token: '${token}'`);
}

/** Returns a page of a list and the token of the next page. A page has 100 items unless `maxResults` is set. */
export function fetchPage<T>(
  { maxResults, nextToken }: { maxResults?: number; nextToken?: string },
  request: string,
  fetch: (limit: number, offset: number) => T[],
): { items: T[]; nextToken: string | undefined } {
  const limit = maxResults || 100;
  const offset = nextToken === undefined ? 0 : readToken(nextToken, request);
  const items = fetch(limit + 1, offset);
  return {
    items: items.slice(0, limit),
    nextToken: items.length > limit ? writeToken(offset + limit, request) : undefined,
  };
}
