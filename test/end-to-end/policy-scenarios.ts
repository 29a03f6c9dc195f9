import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { CopyRequest } from '../../core/model/copy-request.ts';
import { MiB } from '../../core/model/limits.ts';
import { longTags, putEverything } from '../core/copy/source-with-everything.ts';
import { uploadInParts } from '../support/uploads.ts';
import type { Ended, World } from './world.ts';

/** The buckets of a run, from `data` of the one to `to` of the other. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
}

/** A run that needs what `s3copy policy` prints for it, and shows that it has it. */
export interface Scenario {
  /** Flags of the run, beside both ends and the roles. */
  readonly flags?: (ends: Ends) => readonly string[];
  readonly prepare: (world: World, ends: Ends) => Promise<unknown>;
  /** Faults that the run lives through. */
  readonly disturb?: (world: World, ends: Ends) => void;
  /** @default that all is copied */
  readonly verify?: (world: World, ended: Ended, ends: Ends, run: () => Promise<Ended>) => Promise<void>;
}

const keepVersions = (world: World, Bucket: string) =>
  world.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));

const takeLists = (world: World, Bucket: string) => {
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
  return world.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
};

async function takeEverything(world: World, { source, destination }: Ends): Promise<void> {
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' } as const;
  for (const Bucket of [source, destination]) {
    await takeLists(world, Bucket);
    await keepVersions(world, Bucket);
    await world.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  }
}

/** A simple object, one that a worker copies in parts, and one that is fanned out. */
async function putThree(world: World, { source }: Ends): Promise<void> {
  await world.put(source, 'data/s', 'x', { Tagging: 'a=b' });
  await world.putParts(source, 'data/b', 2, { Tagging: 'a=b' });
  await world.putParts(source, 'data/f', 3, { Tagging: 'a=b' });
}

/** An object whose checksum no copy in parts of another size can have. */
async function putComposite(world: World, { source }: Ends): Promise<void> {
  const checksums = { ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' } as const;
  const bodies = [6 * MiB, 9].map((size) => Buffer.alloc(size, 'q'));
  await uploadInParts(world.s3, { Bucket: source, Key: 'data/c', ...checksums }, bodies);
}

/** Versions that are current no more, in a list that lies outside of what is copied. */
async function listVersions(world: World, source: string, keys: readonly string[]): Promise<void> {
  const lines = [];
  for (const key of keys) {
    const { VersionId } = await world.s3.send(new HeadObjectCommand({ Bucket: source, Key: `data/${key}` }));
    lines.push(JSON.stringify({ key, versionId: VersionId }));
    await world.put(source, `data/${key}`, 'a later version');
  }
  await world.put(source, 'lists/keys.jsonl', lines.join('\n'));
}

async function forgetCopyRecords(world: World): Promise<void> {
  const Bucket = world.local.workBucket;
  const copyRecords = (await world.keys(Bucket)).filter((key) => key.startsWith('copy-records/'));
  for (const Key of copyRecords) await world.s3.send(new DeleteObjectCommand({ Bucket, Key }));
}

const partFiles = async (world: World, { destination }: Ends): Promise<readonly string[]> => {
  const { Versions = [], DeleteMarkers = [] } = await world.s3.send(
    new ListObjectVersionsCommand({ Bucket: destination, Prefix: 'temp/' }),
  );
  return [...Versions, ...DeleteMarkers].map(({ Key = '' }) => Key).filter((key) => key.includes('/parts/'));
};

const allCopied = { status: 'SUCCEEDED', failures: [] };
const fromList = ({ source }: Ends) => ['-F', `s3://${source}/lists/keys.jsonl`];
const preserve = ['--preserve', ...CopyRequest.shape.preserve.def.innerType.element.options];

/** By what they show. */
export const scenarios = {
  'simple, staged and fanned out objects, and that nothing has changed': {
    prepare: putThree,
    verify: async (_world, ended, _ends, run) => {
      expect(ended).toMatchObject({ ...allCopied, report: { copied: 3 } });
      expect(await run()).toMatchObject({ status: 'SUCCEEDED', report: { planned: 0, same: 3 } });
    },
  },
  'direct copies that are interrupted and go on': {
    flags: () => ['--strategy', 'direct'],
    prepare: putThree,
    disturb: ({ local, store }, { destination }) => {
      local.engine.addFaults(
        ['copy-objects', 'copy-parts', 'finalize-object'].map((step) => ({
          function: `s3copy-${step}`,
          calls: 1,
          fault: { kind: 'die-after' as const },
        })),
      );
      const operation = 'CreateMultipartUpload';
      store.rules.add({ kind: 'reset', operation, bucket: destination, when: 'after', times: 1 });
    },
    verify: async (world, ended, { destination }) => {
      expect(ended).toMatchObject({ ...allCopied, report: { copied: 3 } });
      expect(await world.openUploads(destination)).toEqual([]);
    },
  },
  'part files that are not kept, in a bucket with versions': {
    flags: () => ['--no-keep-parts'],
    prepare: async (world, ends) => {
      await keepVersions(world, ends.destination);
      await putThree(world, ends);
    },
    verify: async (world, ended, ends) => {
      expect(ended).toMatchObject({ ...allCopied, report: { copied: 3 } });
      expect(await partFiles(world, ends)).toEqual([]);
    },
  },
  'part files in another bucket, by which a later run compares': {
    flags: ({ destination }) => ['--temp-prefix', `s3://${destination}-parts/p`],
    prepare: async (world, ends) => {
      await world.bucket(`${ends.destination}-parts`);
      await putComposite(world, ends);
    },
    verify: async (world, ended, _ends, run) => {
      expect(ended).toMatchObject({ ...allCopied, report: { copied: 1 } });
      await forgetCopyRecords(world);
      expect(await run()).toMatchObject({ report: { reasons: { same: { 'part-files': { objects: 1 } } } } });
    },
  },
  'what the source lacks is deleted': {
    flags: () => ['--delete', '--max-delete-percent', '100'],
    prepare: async (world, ends) => {
      await putThree(world, ends);
      for (const key of ['x', 'y\u0007']) await world.put(ends.destination, `to/data/${key}`);
    },
    verify: async (_world, ended) => {
      expect(ended).toMatchObject({ ...allCopied, report: { copied: 3, deleted: 2 } });
    },
  },
  'tags that no header holds, where there are versions': {
    prepare: async (world, ends) => {
      await keepVersions(world, ends.destination);
      await world.putParts(ends.source, 'data/b', 2);
      const Tagging = { TagSet: [...longTags] };
      await world.s3.send(new PutObjectTaggingCommand({ Bucket: ends.source, Key: 'data/b', Tagging }));
    },
  },
  'versions that a list outside of the path names': {
    flags: fromList,
    prepare: async (world, ends) => {
      await keepVersions(world, ends.source);
      await putThree(world, ends);
      await listVersions(world, ends.source, ['s', 'b', 'f']);
    },
  },
  'named files without a right to list': {
    flags: () => ['-f', 's', 'b', 'f'],
    prepare: putThree,
  },
  'named paths alone': {
    flags: () => ['-p', 's*', 'b', 'f*'],
    prepare: async (world, ends) => {
      await putThree(world, ends);
      await world.putParts(ends.source, 'data/b/b', 2);
    },
    verify: async (_world, ended) => expect(ended).toMatchObject({ ...allCopied, report: { copied: 4 } }),
  },
  'everything that can be preserved': {
    flags: () => preserve,
    prepare: async (world, ends) => {
      await takeEverything(world, ends);
      await putEverything(world.s3, ends.source, 'data/s', { parts: 0 });
      await putEverything(world.s3, ends.source, 'data/b', { parts: 2, tags: longTags });
    },
  },
  'everything of versions': {
    flags: (ends) => [...preserve, ...fromList(ends)],
    prepare: async (world, ends) => {
      await takeEverything(world, ends);
      await putEverything(world.s3, ends.source, 'data/s', { parts: 0 });
      await putEverything(world.s3, ends.source, 'data/b', { parts: 2 });
      await listVersions(world, ends.source, ['s', 'b']);
    },
  },
  'grants that no header holds': {
    flags: () => ['--acl-grant', 'WRITE:uri=http://acs.amazonaws.com/groups/global/AuthenticatedUsers'],
    prepare: async (world, ends) => {
      await takeLists(world, ends.destination);
      await keepVersions(world, ends.destination);
      await putThree(world, ends);
    },
  },
  'that a bucket takes no access control lists': {
    flags: () => ['--acl', 'public-read'],
    prepare: putThree,
    verify: async (_world, ended) => expect(ended).toMatchObject({ error: 'InvalidRequestError' }),
  },
  'that a bucket would lock part files': {
    prepare: async (world, ends) => {
      const Bucket = ends.destination;
      await keepVersions(world, Bucket);
      const ObjectLockConfiguration = {
        ObjectLockEnabled: 'Enabled' as const,
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE' as const, Days: 1 } },
      };
      await world.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
      await putThree(world, ends);
    },
    verify: async (_world, ended) => expect(ended).toMatchObject({ error: 'InvalidRequestError' }),
  },
} as const satisfies Readonly<Record<string, Scenario>>;

/** What all scenarios but those with a word of their own have to end like. */
export const expectAllCopied = async (_world: World, ended: Ended): Promise<void> => {
  expect(ended).toMatchObject(allCopied);
  expect(ended.report?.copied).toBe(ended.report?.planned);
  expect(ended.report?.copied).toBeGreaterThan(0);
};
