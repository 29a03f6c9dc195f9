const byEnding: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  txt: 'text/plain; charset=utf-8',
};

/**
 * The content type of a file that s3copy itself writes.
 *
 * @returns undefined for an ending that no such file has
 */
export const guessContentType = (path: string): string | undefined =>
  byEnding[path.slice(path.lastIndexOf('.') + 1)];
