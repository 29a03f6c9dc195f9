import { describe, expect, it } from 'vitest';
import { decideEntry } from '../../../core/diff/decide.ts';
import type { Entry } from '../../../core/diff/entries.ts';
import { parseCopyRequest } from '../../../core/model/copy-request.ts';
import { readSourcePath } from '../../../core/model/paths.ts';
import { partRule } from '../../../core/rules/part-layout.ts';
import type { Run } from '../../../core/run/open-run.ts';
import type { ObjectStore } from '../../../core/s3/object-store.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';

const plain = (char: string): string => char.repeat(32);
const checksum = { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', value: 'AAAAAAAAAAA=' } as const;

/** A run whose HEADs are answered so, by bucket. */
function runOf(heads: Record<string, object | undefined> = {}): Run {
  const request = parseCopyRequest({ src: 's3://source', dest: 's3://destination' });
  const store = {
    head: async ({ bucket }: { bucket: string }) => heads[bucket],
    get: async () => undefined,
  } as unknown as ObjectStore;
  const destination = {
    bucket: 'destination',
    mapping: { base: '', folder: '' },
    store,
    lister: store,
    temp: { bucket: 'destination', prefix: 'temp/' },
  };
  const source = { bucket: 'source', store };
  return {
    copyRequest: request,
    path: readSourcePath(''),
    filter: () => undefined,
    parts: partRule(request, false),
    source,
    destination,
  } as unknown as Run;
}

const decided = (run: Run, entry: Partial<Entry>) =>
  decideEntry(
    run,
    { key: 'x', target: 'x', source: { etag: plain('a'), size: 9, lastModified: 0 }, ...entry },
    new RequestLimiter(1),
  );

describe('what the plan makes of an entry', () => {
  const source = { etag: `${plain('a')}-2`, size: 9, lastModified: 1_000 };
  const destination = { etag: `${plain('b')}-3`, size: 9, lastModified: 1_000_000 };

  it('takes what nothing proves for unchanged when it is older, but never a version that was named', async () => {
    expect(await decided(runOf(), { source, destination })).toMatchObject({
      action: 'same',
      reason: 'unproven-older',
    });
    expect(await decided(runOf(), { source, destination, versionId: 'v' })).toMatchObject({
      action: 'copy',
      versionId: 'v',
      reason: 'unproven-version',
      seen: destination.etag,
    });
  });

  it('hands on the checksums that somebody has asked for, of that very version alone', async () => {
    const seen = { etag: plain('a'), size: 9, lastModified: 0 };
    const other = { ...seen, etag: plain('b') };
    const head = (etag: string) => ({ ...seen, etag, checksums: [checksum], sseS3: true });
    const heads = (etag: string) =>
      runOf({ source: head(etag), destination: { ...other, checksums: [], sseS3: true } });
    expect(await decided(runOf(), { source: head(plain('a')) })).toMatchObject({ checksums: [checksum] });
    expect(await decided(heads(plain('a')), { source: seen, destination: other })).toMatchObject({
      action: 'copy',
      checksums: [checksum],
    });
    const changed = await decided(heads(plain('c')), { source: seen, destination: other });
    expect(changed).toMatchObject({ action: 'copy' });
    expect(changed).not.toHaveProperty('checksums');
    expect(await decided(runOf(), { source: seen })).not.toHaveProperty('checksums');
  });

  it.each([
    { source: 'missing', verdict: { action: 'missing', key: 'x', versionId: 'v' } },
    { source: 'delete-marker', verdict: { action: 'refused', versionId: 'v', reason: 'delete-marker' } },
    { source: 'denied', verdict: { action: 'copy', etag: '', versionId: 'v', reason: 'denied' } },
  ] as const)('keeps the version of what is $source', async ({ source: state, verdict }) => {
    expect(await decided(runOf(), { source: state, versionId: 'v' })).toMatchObject(verdict);
  });

  it('calls a delete marker missing where nothing is copied', async () => {
    const { destination: _, ...run } = runOf();
    expect(await decided(run, { source: 'delete-marker', versionId: 'v' })).toEqual({
      action: 'missing',
      key: 'x',
      versionId: 'v',
    });
  });
});
