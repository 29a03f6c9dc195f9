import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Listed } from '../../../core/model/listed.ts';
import {
  type Checksum,
  type Comparison,
  compareChecksums,
  compareObjects,
  type Evidence,
  type Headed,
} from '../../../core/rules/compare.ts';
import { hashes, md5, uploadedIn } from '../node-hashes.ts';

const object = (etag: string, fields: Partial<Listed> = {}): Listed => ({
  etag,
  size: 10,
  lastModified: 100_000,
  ...fields,
});

const full = (algorithm: string, value: string): Checksum => ({ algorithm, type: 'FULL_OBJECT', value });
const composite = (algorithm: string, value: string): Checksum => ({ algorithm, type: 'COMPOSITE', value });
const head = (checksums: readonly Checksum[] = [], sseS3 = true): Headed => ({ checksums, sseS3 });
const heads = (source: Headed, destination: Headed): Evidence => ({ heads: { source, destination } });

const content = (source: Listed, destination: Listed | undefined, evidence: Evidence = {}): Comparison =>
  compareObjects('content', source, destination, evidence, hashes);

const copy = (reason: string) => ({ action: 'copy', reason });
const same = (reason: string) => ({ action: 'same', reason });
const askHeads = { action: 'ask', ask: 'heads' };
const askPartFiles = { action: 'ask', ask: 'part-files' };

const crc = { checksumAlgorithms: ['CRC64NVME'] };
const sha = { checksumAlgorithms: ['SHA256'] };
const [plainX, plainY] = [md5('x'), md5('y')];
const [twoParts, threeParts] = [uploadedIn('x', 'y'), uploadedIn('x', 'y', 'z')];

describe('compare: content, by the cheapest evidence first', () => {
  it.each<{
    row: string;
    source: Listed;
    destination?: Listed;
    evidence?: Evidence;
    decision: object;
    why: string;
  }>([
    { row: '1', source: object(plainX), decision: copy('new'), why: 'nothing is there' },
    {
      row: '1',
      source: object(plainX),
      destination: object(plainX, { size: 11 }),
      decision: copy('size'),
      why: 'sizes differ, whatever the ETags say',
    },
    {
      row: '2',
      source: object(plainX),
      destination: object(plainX),
      decision: same('etag'),
      why: 'equal MD5s',
    },
    {
      row: '2',
      source: object(twoParts),
      destination: object(twoParts),
      decision: same('etag'),
      why: 'the same parts of the same bytes',
    },
    {
      row: '2',
      source: object(plainX, { lastModified: 200_000 }),
      destination: object(plainX),
      decision: same('etag'),
      why: 'dates do not matter then',
    },
    {
      row: '2',
      source: object(''),
      destination: object(''),
      decision: askPartFiles,
      why: 'no ETag on either side is none in common',
    },
    {
      row: '3',
      source: object(uploadedIn('x')),
      destination: object(plainX),
      decision: same('etag'),
      why: 'uploaded in one part, copied whole',
    },
    {
      row: '3',
      source: object(plainX),
      destination: object(uploadedIn('x')),
      decision: same('etag'),
      why: 'the other way round',
    },
    {
      row: '3',
      source: object(uploadedIn('x')),
      destination: object(plainY),
      decision: askPartFiles,
      why: 'one part of other bytes proves nothing under other encryption',
    },
    {
      row: '4',
      source: object(plainX),
      destination: object(plainY),
      evidence: { copyRecord: true },
      decision: same('copy-record'),
      why: 'an earlier run has proven these two versions to be the same, so that nobody asks again',
    },
    {
      row: '4',
      source: object(plainX, { size: 11 }),
      destination: object(plainY),
      evidence: { copyRecord: true },
      decision: copy('size'),
      why: 'sizes differ, whatever a copy record says',
    },
    {
      row: '4',
      source: object(plainX),
      destination: object(plainY),
      evidence: { copyRecord: false },
      decision: askHeads,
      why: 'without a copy record S3 is asked',
    },
    {
      row: '5',
      source: object(plainX),
      destination: object(plainY),
      decision: askHeads,
      why: 'two plain ETags are worth a look',
    },
    {
      row: '5',
      source: object(twoParts, crc),
      destination: object(threeParts, crc),
      decision: askHeads,
      why: 'a checksum in common is worth a look',
    },
    {
      row: '5',
      source: object(twoParts, crc),
      destination: object(threeParts, sha),
      decision: askPartFiles,
      why: 'no checksum in common is not',
    },
    {
      row: '5',
      source: object(twoParts, crc),
      destination: object(threeParts),
      decision: askPartFiles,
      why: 'nor is one on one side only',
    },
    {
      row: '5',
      source: object(twoParts),
      destination: object(threeParts, crc),
      decision: askPartFiles,
      why: 'nor on the other',
    },
    {
      row: '5',
      source: object(twoParts, crc),
      destination: object(threeParts, crc),
      evidence: heads(head([full('CRC64NVME', 'A')]), head([full('CRC64NVME', 'A')])),
      decision: same('checksum'),
      why: 'equal checksums of whole objects',
    },
    {
      row: '5',
      source: object(twoParts, crc),
      destination: object(threeParts, crc),
      evidence: heads(head([full('CRC64NVME', 'A')]), head([full('CRC64NVME', 'B')])),
      decision: copy('checksum'),
      why: 'unequal checksums of whole objects',
    },
    {
      row: '5',
      source: object(twoParts, sha),
      destination: object(threeParts, sha),
      evidence: heads(head([composite('SHA256', 'A-2')]), head([composite('SHA256', 'A-2')])),
      decision: same('checksum'),
      why: 'equal checksums of equal parts',
    },
    {
      row: '5',
      source: object(twoParts, sha),
      destination: object(threeParts, sha),
      evidence: heads(head([composite('SHA256', 'A-2')]), head([composite('SHA256', 'B-3')])),
      decision: askPartFiles,
      why: 'unequal ones of parts tell nothing',
    },
    {
      row: '5',
      source: object(twoParts, sha),
      destination: object(threeParts, sha),
      evidence: heads(head([full('SHA256', 'A')]), head([composite('SHA256', 'A')])),
      decision: askPartFiles,
      why: 'checksums of different types are not compared',
    },
    {
      row: '5',
      source: object(plainX),
      destination: object(plainY),
      evidence: heads(head(), head()),
      decision: copy('etag'),
      why: 'under SSE-S3 two plain ETags are MD5s',
    },
    {
      row: '5',
      source: object(plainX),
      destination: object(plainY),
      evidence: heads(head([], false), head()),
      decision: askPartFiles,
      why: 'under another encryption of the source they are not',
    },
    {
      row: '5',
      source: object(plainX),
      destination: object(plainY),
      evidence: heads(head(), head([], false)),
      decision: askPartFiles,
      why: 'nor of the destination',
    },
    {
      row: '5',
      source: object(plainX, crc),
      destination: object(plainY, crc),
      evidence: heads(head([full('CRC64NVME', 'A')], false), head([full('CRC64NVME', 'A')], false)),
      decision: same('checksum'),
      why: 'checksums tell where encryption hides the MD5',
    },
    {
      row: '5',
      source: object(twoParts, crc),
      destination: object(plainX, crc),
      evidence: heads(head(), head()),
      decision: askPartFiles,
      why: 'one plain ETag alone is no pair of MD5s',
    },
    {
      row: '6',
      source: object(twoParts),
      destination: object(threeParts),
      evidence: { partFiles: true },
      decision: same('part-files'),
      why: 'the part files became this target',
    },
    {
      row: '6',
      source: object(twoParts, { lastModified: 900_000 }),
      destination: object(threeParts),
      evidence: { partFiles: true },
      decision: same('part-files'),
      why: 'they name this version of the source, so dates do not matter',
    },
    {
      row: '7',
      source: object(twoParts, { lastModified: 100_001 }),
      destination: object(threeParts),
      evidence: { partFiles: false },
      decision: copy('unproven-newer'),
      why: 'the source is newer',
    },
    {
      row: '7',
      source: object(twoParts),
      destination: object(threeParts),
      evidence: { partFiles: false },
      decision: copy('unproven-newer'),
      why: 'of the same time',
    },
    {
      row: '7',
      source: object(twoParts, { lastModified: 95_000 }),
      destination: object(threeParts),
      evidence: { partFiles: false },
      decision: copy('unproven-newer'),
      why: 'five seconds older may be the clocks',
    },
    {
      row: '7',
      source: object(twoParts, { lastModified: 94_999 }),
      destination: object(threeParts),
      evidence: { partFiles: false },
      decision: same('unproven-older'),
      why: 'more than five seconds older is older',
    },
  ])('row $row: $decision, since $why', ({ source, destination, evidence, decision }) => {
    expect(content(source, destination, evidence)).toEqual(decision);
  });
});

describe('the other ways to compare', () => {
  const newer = object(plainX, { lastModified: 100_001 });

  it.each<{
    mode: 'always' | 'size' | 'newer';
    source: Listed;
    destination?: Listed;
    decision: object;
    why: string;
  }>([
    { mode: 'always', source: object(plainX), decision: copy('new'), why: 'nothing is there' },
    {
      mode: 'always',
      source: object(plainX),
      destination: object(plainX),
      decision: copy('always'),
      why: 'asked for',
    },
    {
      mode: 'always',
      source: object(plainX),
      destination: object(plainX, { size: 11 }),
      decision: copy('always'),
      why: 'sizes are not looked at',
    },
    { mode: 'size', source: object(plainX), decision: copy('new'), why: 'nothing is there' },
    {
      mode: 'size',
      source: newer,
      destination: object(plainY),
      decision: same('size'),
      why: 'sizes alone count',
    },
    {
      mode: 'size',
      source: object(plainX),
      destination: object(plainX, { size: 11 }),
      decision: copy('size'),
      why: 'sizes differ',
    },
    { mode: 'newer', source: object(plainX), decision: copy('new'), why: 'nothing is there' },
    {
      mode: 'newer',
      source: newer,
      destination: object(plainX),
      decision: copy('newer'),
      why: 'dates count',
    },
    {
      mode: 'newer',
      source: object(plainX),
      destination: object(plainY),
      decision: same('not-newer'),
      why: 'the same time is not newer',
    },
    {
      mode: 'newer',
      source: object(plainX, { lastModified: 99_999 }),
      destination: object(plainY),
      decision: same('not-newer'),
      why: 'older is not newer',
    },
    {
      mode: 'newer',
      source: object(plainX, { lastModified: 99_999 }),
      destination: object(plainX, { size: 11 }),
      decision: copy('size'),
      why: 'another size is no copy of it',
    },
  ])('$mode: $decision, since $why', ({ mode, source, destination, decision }) => {
    expect(compareObjects(mode, source, destination, {}, hashes)).toEqual(decision);
  });
});

describe('checksums', () => {
  it.each([
    { ours: [], theirs: [], told: undefined, why: 'none' },
    { ours: [full('CRC32', 'A')], theirs: [], told: undefined, why: 'none there' },
    { ours: [], theirs: [full('CRC32', 'A')], told: undefined, why: 'none here' },
    { ours: [full('CRC32', 'A')], theirs: [full('SHA1', 'A')], told: undefined, why: 'none in common' },
    { ours: [full('CRC32', 'A')], theirs: [full('CRC32', 'A')], told: true, why: 'equal' },
    { ours: [full('CRC32', 'A')], theirs: [full('CRC32', 'B')], told: false, why: 'unequal' },
    {
      ours: [composite('SHA256', 'A'), full('CRC32', 'C')],
      theirs: [composite('SHA256', 'B'), full('CRC32', 'C')],
      told: true,
      why: 'the next one tells when one of parts does not',
    },
    {
      ours: [composite('SHA256', 'A'), full('CRC32', 'C')],
      theirs: [full('CRC32', 'D'), composite('SHA256', 'B')],
      told: false,
      why: 'wherever it stands',
    },
    {
      ours: [composite('CRC32', 'A'), full('CRC32', 'C')],
      theirs: [full('CRC32', 'C')],
      told: true,
      why: 'of one algorithm only the same type counts',
    },
  ])('say $told: $why', ({ ours, theirs, told }) => {
    expect(compareChecksums(ours, theirs)).toBe(told);
  });
});

describe('any two objects', () => {
  const etag = fc.constantFrom(
    plainX,
    plainY,
    uploadedIn('x'),
    uploadedIn('y'),
    twoParts,
    threeParts,
    'opaque',
    '',
  );
  const algorithm = fc.constantFrom('CRC64NVME', 'SHA256');
  const listed = fc.record(
    {
      etag,
      size: fc.constantFrom(0, 10),
      lastModified: fc.constantFrom(94_999, 95_000, 99_999, 100_000, 100_001),
      checksumAlgorithms: fc.uniqueArray(algorithm),
    },
    { requiredKeys: ['etag', 'size', 'lastModified'] },
  );
  const checksum = fc.record({
    algorithm,
    type: fc.constantFrom('FULL_OBJECT' as const, 'COMPOSITE' as const),
    value: fc.constantFrom('A', 'B'),
  });
  const headed = fc.record({ checksums: fc.array(checksum, { maxLength: 3 }), sseS3: fc.boolean() });
  const mode = fc.constantFrom('content' as const, 'newer' as const, 'size' as const, 'always' as const);

  it('are decided on after two questions at most, none of them asked twice', () => {
    fc.assert(
      fc.property(
        mode,
        listed,
        fc.option(listed, { nil: undefined }),
        headed,
        headed,
        fc.boolean(),
        (how, source, destination, ours, theirs, partFiles) => {
          let evidence: Evidence = {};
          const asked: string[] = [];
          for (;;) {
            const decision = compareObjects(how, source, destination, evidence, hashes);
            if (decision.action !== 'ask') break;
            asked.push(decision.ask);
            evidence =
              decision.ask === 'heads'
                ? { ...evidence, heads: { source: ours, destination: theirs } }
                : { ...evidence, partFiles };
            if (asked.length > 2) break;
          }
          expect([[], ['heads'], ['part-files'], ['heads', 'part-files']]).toContainEqual(asked);
          if (how !== 'content') expect(asked).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('are the same only by evidence, when content counts', () => {
    fc.assert(
      fc.property(
        listed,
        listed,
        headed,
        headed,
        fc.boolean(),
        (source, destination, ours, theirs, partFiles) => {
          const evidence = { heads: { source: ours, destination: theirs }, partFiles };
          const decision = content(source, destination, evidence);
          if (decision.action !== 'same') return;
          expect(source.size).toBe(destination.size);
          const isProven =
            (source.etag !== '' && source.etag === destination.etag) ||
            [source.etag, destination.etag].sort().join() === [plainX, uploadedIn('x')].sort().join() ||
            [source.etag, destination.etag].sort().join() === [plainY, uploadedIn('y')].sort().join() ||
            compareChecksums(ours.checksums, theirs.checksums) === true ||
            partFiles;
          expect(isProven || decision.reason === 'unproven-older').toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
