import { MiB } from '../core/model/limits.ts';
import { randomBytes } from './random-bytes.ts';

/** An object of the demo's source. */
export interface DemoObject {
  readonly key: string;
  readonly body: Buffer;
  /** The part size in bytes of a multipart upload. @default a simple upload */
  readonly partSize?: number;
  readonly headers?: DemoHeaders;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Tags in the form of a query string. */
  readonly tags?: string;
}

/** Headers that S3 stores with an object. */
export interface DemoHeaders {
  readonly ContentType?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentLanguage?: string;
}

/** Keys that are difficult for file systems, URLs or XML. S3 accepts them all. */
const awkwardKeys = [
  'awkward/percent %41 100%',
  'awkward/plus+and blank',
  'awkward/question?mark=1&amp;',
  'awkward/hash#tag',
  'awkward//double//slashes',
  'awkward/../two/dots',
  'awkward/./one/dot',
  ' awkward/ blank at both ends ',
  'awkward/quote\'s "and" <angle> & ampersand',
  'awkward/back\\slash and *star*',
  'awkward/new\nline and tab\t',
  'awkward/control \u0001\u001f\u007f',
  'awkward/emoji 🦀👩‍🚀 and ünïcödé',
  'awkward/e\u0301 is not \u00e9',
  'awkward/\u00e9 is not e\u0301',
  `awkward/long ${'x'.repeat(1024 - 'awkward/long '.length)}`,
] as const;

const full = {
  headers: {
    ContentType: 'video/mp4',
    CacheControl: 'max-age=3600',
    ContentDisposition: 'attachment; filename="film.mp4"',
    ContentLanguage: 'de',
  },
  metadata: { author: 'Ada', project: 'demo' },
  tags: 'team=video&retention=7%20years',
} as const;

const small = (): DemoObject[] =>
  Array.from({ length: 400 }, (_, n) => {
    const folder = `folder-${String(n % 20).padStart(3, '0')}`;
    return {
      key: `${folder}/test-${String(n).padStart(4, '0')}.txt`,
      body: randomBytes(`small ${n}`, (n * 37) % 8_000),
      headers: { ContentType: 'text/plain' },
      ...(n % 10 === 0 ? { metadata: { number: String(n) }, tags: `number=${n}` } : {}),
    };
  });

const empty = (key: string): DemoObject => ({ key, body: Buffer.alloc(0) });

/** Creates small and empty objects, objects with awkward keys, and multipart objects, one above `fanOutAbove`. */
export function demoTree(): DemoObject[] {
  return [
    ...small(),
    ...Array.from({ length: 12 }, (_, n) => empty(`empty/file-${n}`)),
    ...['dir/', 'dir/sub/', 'dir/sub/sub/', 'empty/'].map(empty),
    ...awkwardKeys.map((key) => ({ key, body: randomBytes(key, 100) })),
    { key: 'media/photo.raw', body: randomBytes('photo', 3 * MiB), ...full },
    { key: 'media/one-piece.bin', body: randomBytes('one piece', 7 * MiB + 1) },
    {
      key: 'media/small-parts.mp4',
      body: randomBytes('small parts', 12 * MiB + 7),
      partSize: 5 * MiB,
      ...full,
    },
    { key: 'media/other-parts.mp4', body: randomBytes('other parts', 17 * MiB), partSize: 8 * MiB, ...full },
    { key: 'media/large.mp4', body: randomBytes('large', 26 * MiB + 3), partSize: 8 * MiB, ...full },
  ];
}
