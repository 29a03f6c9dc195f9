/** A piece of XML, kept apart from text that still has to be escaped. */
export class Markup {
  readonly xml: string;
  constructor(xml: string) {
    this.xml = xml;
  }
}

/** What an element may hold: text, elements, or nothing (then the element is left out). */
export type XmlContent = string | number | boolean | Markup | readonly (Markup | undefined)[] | undefined;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape
const special = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * Escapes text as S3 does: XML 1.0 cannot hold most control characters, and S3 answers them as character
 * references all the same (`&#x1;`), which strict parsers refuse. `encoding-type=url` is the way around.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html (read 2026-11-22)
 */
export function escapeXml(text: string): string {
  return text.replace(special, (char) => escapes[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
}

function contentXml(content: Exclude<XmlContent, undefined>): string {
  if (content instanceof Markup) return content.xml;
  if (typeof content === 'object') return content.map((child) => child?.xml ?? '').join('');
  return escapeXml(String(content));
}

/** One element; left out when its content is undefined. */
export function element(name: string, content: XmlContent, attributes = ''): Markup | undefined {
  return content === undefined
    ? undefined
    : new Markup(`<${name}${attributes}>${contentXml(content)}</${name}>`);
}

/** A whole S3 answer document. */
export function document(name: string, content: XmlContent): string {
  const root = element(name, content ?? [], ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root?.xml ?? ''}`;
}
