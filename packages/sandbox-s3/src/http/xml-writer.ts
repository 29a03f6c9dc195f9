/** XML that is already escaped. The class distinguishes it from text that must still be escaped. */
export class Markup {
  readonly xml: string;
  constructor(xml: string) {
    this.xml = xml;
  }
}

/** The content of an element: text or elements. An element whose content is undefined is not written. */
export type XmlContent = string | number | boolean | Markup | readonly (Markup | undefined)[] | undefined;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these characters must be escaped
const special = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * Escapes text as S3 does. XML 1.0 cannot contain most control characters. S3 nevertheless writes them as character
 * references (`&#x1;`), which strict parsers refuse. Clients avoid them with `encoding-type=url`.
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

/** Writes an element; undefined when its content is undefined. */
export function element(name: string, content: XmlContent, attributes = ''): Markup | undefined {
  return content === undefined
    ? undefined
    : new Markup(`<${name}${attributes}>${contentXml(content)}</${name}>`);
}

/** Writes the XML document of an answer. */
export function document(name: string, content: XmlContent): string {
  const root = element(name, content ?? [], ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root?.xml ?? ''}`;
}
