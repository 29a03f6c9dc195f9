import { childText, expectShape, findChildren, parseXml } from '../http/xml-reader.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { Tags } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html (read 2026-11-22) */
const limits = { tags: 10, keyCharacters: 128, valueCharacters: 256 } as const;
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Checks one tag. S3 counts characters in UTF-16 code units. */
function checkTag([key, value]: readonly [string, string]): void {
  if (key === '' || key.length > limits.keyCharacters || !allowed.test(key) || key.startsWith('aws:')) {
    throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid', { details: { TagKey: key } });
  }
  if (value.length > limits.valueCharacters || !allowed.test(value)) {
    throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid', {
      details: { TagKey: key, TagValue: value },
    });
  }
}

/**
 * Checks tags against S3's limits.
 *
 * @throws {S3Error} `InvalidTag`, `InvalidRequest` when there are too many
 */
export function checkTags(tags: Tags, most: number = limits.tags): Tags {
  if (tags.length > most) {
    if (most === limits.tags) throw new S3Error('InvalidRequest', 'Object tags cannot be greater than 10');
    throw new S3Error('InvalidRequest', `tags cannot be greater than ${most}`);
  }
  for (const tag of tags) checkTag(tag);
  if (new Set(tags.map(([key]) => key)).size < tags.length) {
    throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  return tags;
}

/** Parses the `x-amz-tagging` header: a query string. */
export function parseTagHeader(text: string | undefined): Tags {
  if (text === undefined || text === '') return [];
  const pairs = text.split('&').map((pair) => {
    const [key = '', value = ''] = pair.split(/=(.*)/s);
    return [decode(key), decode(value)] as const;
  });
  return checkTags(pairs);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new S3Error(
      'InvalidArgument',
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    );
  }
}

/** Parses a Tagging document. */
export function parseTagging(xml: string, most?: number): Tags {
  const root = parseXml(xml);
  expectShape(root, 'Tagging', ['TagSet']);
  const sets = findChildren(root, 'TagSet');
  if (sets.length !== 1) throw new S3Error('MalformedXML');
  const tags = sets
    .flatMap((set) => findChildren(set, 'Tag'))
    .map((tag) => {
      const [key, value] = [childText(tag, 'Key'), childText(tag, 'Value')];
      if (key === undefined || value === undefined) throw new S3Error('MalformedXML');
      return [key, value] as const;
    });
  return checkTags(tags, most);
}

/** Writes the TagSet element. */
export function tagSet(tags: Tags): Markup | undefined {
  return element(
    'TagSet',
    tags.map(([key, value]) => element('Tag', [element('Key', key), element('Value', value)])),
  );
}
