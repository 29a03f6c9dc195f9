import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { applyTerms, type TermsByBucket } from './bucket-terms.ts';
import { ObjectStore } from './object-store.ts';
import { proxied } from './proxies.ts';
import { type AssumedRole, assumeRole } from './role-credentials.ts';

/** Copies in flight, listings and the run's own files share these connections. A Lambda has 1,024 descriptors. */
const maxSockets = 512;
const connectionTimeoutMillis = 5_000;
/** S3 keeps the connection of a slow copy alive with blanks, so that silence of this length means a dead one. */
const socketTimeoutMillis = 300_000;

/** By whom requests are made, and what they say of the buckets that they touch. */
export interface Access {
  /** @default the function's own */
  readonly role?: AssumedRole;
  readonly terms?: TermsByBucket;
}

/** Stores by region and access, each with its own connections, made when first asked for. */
export class ObjectStores {
  readonly #known = new Map<string, ObjectStore>();

  /** The store that speaks to a region's endpoint. */
  in(region: string, access: Access = {}): ObjectStore {
    const name = JSON.stringify([region, access]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const client = createClient(region, access);
    applyTerms(client, access.terms ?? {});
    const store = new ObjectStore(client);
    this.#known.set(name, store);
    return store;
  }
}

const createClient = (region: string, { role }: Access): S3Client =>
  new S3Client({
    region,
    ...(role === undefined ? {} : { credentials: assumeRole(role) }),
    // Our own retry repeats requests: it knows which condition each carries, and sees every SlowDown.
    maxAttempts: 1,
    followRegionRedirects: false,
    // The checksum that S3 adds is enough. Computing another one would only cost time on the run's own files.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectionTimeoutMillis,
      socketTimeout: socketTimeoutMillis,
      httpAgent: { maxSockets, ...proxied() },
      httpsAgent: { maxSockets, ...proxied() },
    }),
  });
