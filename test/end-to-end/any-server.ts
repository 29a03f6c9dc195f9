import {
  HeadObjectCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { it } from 'vitest';
import { findExternalJudge } from '../../packages/sandbox-s3/test/conformance/judge.ts';
import { World, withoutWaits } from './world.ts';

/** A server that nobody here wrote, when one of `s3-conformance/judges` runs these tests; else the sandbox store. */
export const judge = findExternalJudge();

/**
 * What a server lacks, so that a guarantee cannot be shown there. It must be seen to fail: the table cannot rot. Swift
 * is not here: it takes no conditional writes, on which every run rests.
 */
const lacking: readonly {
  readonly judge: string;
  readonly reason: string;
  readonly titles: readonly string[];
}[] = [
  {
    judge: 'moto',
    reason:
      'it tells neither the parts of an object nor a checksum of it, so that nothing compares two layouts',
    titles: [
      'has the ETag of its source with the parts of the source, staged',
      'has the ETag of its source with the parts of the source, direct',
    ],
  },
  {
    judge: 'moto',
    reason:
      'it does not tell the checksum of the whole when an upload is completed, which alone is a proof by checksum',
    titles: [
      'is held to the checksum of the source before it is published, staged',
      'is held to the checksum of the source before it is published, direct',
    ],
  },
  {
    judge: 'moto',
    reason: 'it answers GetObjectRetention with a broken document and takes no lock with a copy',
    titles: ['carries retention and legal hold'],
  },
  {
    judge: 'moto',
    reason: 'it ignores expected owners',
    titles: ['is refused where the bucket has another owner'],
  },
  {
    judge: 'versitygw',
    reason:
      'it gives a part that copies a range the checksum of the whole source, and then refuses the whole',
    titles: [
      'brings every byte over, direct, in a worker and fanned out',
      'leaves the same headers and metadata, direct',
      'leaves the same tags, direct',
      'has the ETag of its source with the parts of the source, direct',
      'goes on where functions died, direct',
      'is encrypted as asked, and the same the next time, direct',
      'carries retention and legal hold',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it does not take parts without a checksum into an upload that names one',
    titles: [
      'is held to the checksum of the source before it is published, staged',
      'is held to the checksum of the source before it is published, direct',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it has one storage class',
    titles: [
      'is in the storage class that is asked for, or that of the source',
      'leaves archived objects out by name',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'objects have no access control lists of their own',
    titles: [
      'carries access control lists where both ends have them',
      'has the canned access control list, or the grants, that are asked for',
    ],
  },
  {
    judge: 'versitygw',
    reason: 'it does not encrypt',
    titles: ['is encrypted as asked, and the same the next time, staged'],
  },
  {
    judge: 'versitygw',
    reason: 'it counts the bytes of a tag, not its characters',
    titles: ['carries tags that no header holds'],
  },
  {
    judge: 'versitygw',
    reason: 'it gives no credentials for roles',
    titles: ['takes on the roles that the request names'],
  },
];

/** A test of a guarantee, which must fail where the server lacks what it takes. */
export function guarantee(title: string, test: () => Promise<void>): void {
  const known = lacking.find(({ judge: name, titles }) => name === judge?.name && titles.includes(title));
  if (known === undefined) it(title, test);
  else it.fails(`${title} (not on ${known.judge}: ${known.reason})`, test);
}

/** Buckets on the server, and s3copy that uses it. */
export class AnyServer {
  readonly world: World;

  private constructor(world: World) {
    this.world = world;
  }

  static async start(): Promise<AnyServer> {
    const server = judge && { endpointUrl: judge.endpoint, credentials: judge };
    return new AnyServer(await World.start({ overrides: withoutWaits, ...server }));
  }

  /** An empty source and destination, and a request to copy the one to the other. */
  async ends(more: Record<string, unknown> = {}) {
    const { source, destination } = await this.world.buckets();
    return { source, destination, request: { src: `s3://${source}`, dest: `s3://${destination}`, ...more } };
  }

  async keepVersions(Bucket: string): Promise<void> {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await this.world.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }

  /** Lets the objects of a bucket have access control lists. */
  async takeLists(Bucket: string): Promise<void> {
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
    await this.world.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  }

  head(Bucket: string, Key: string) {
    return this.world.s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  }
}

export const strategies = ['staged', 'direct'] as const;

/** In a worker, and fanned out. */
export const waysOf = (strategy: string) => [
  { strategy, partSize: '5MiB' },
  { strategy, partSize: '5MiB', fanOutAbove: '8MiB' },
];
