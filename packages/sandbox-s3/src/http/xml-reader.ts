import { S3Error } from '../s3-error.ts';

/** An element of a request document. Attributes and namespaces carry no meaning for S3's requests but `xsi:type`. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const malformed = (): S3Error => new S3Error('MalformedXML');
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** True for the characters that an XML 1.0 document may hold, raw or as a reference. */
function isXmlCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

function decodeReference(body: string): string {
  if (!body.startsWith('#')) {
    const char = named[body];
    if (char === undefined) throw malformed();
    return char;
  }
  const code = /^#x[0-9a-f]+$/i.test(body)
    ? Number.parseInt(body.slice(2), 16)
    : /^#\d+$/.test(body)
      ? Number(body.slice(1))
      : -1;
  if (!isXmlCharacter(code)) throw malformed();
  return String.fromCodePoint(code);
}

function decodeText(raw: string): string {
  if (!raw.includes('&')) return raw;
  if (/&(?![^;&]*;)/.test(raw)) throw malformed();
  return raw.replace(/&([^;&]*);/g, (_, body: string) => decodeReference(body));
}

// One token: comment, processing instruction or doctype; CDATA; a tag; text.
const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

interface Open {
  name: string;
  attributes: string;
  children: XmlElement[];
  text: string;
}

function close(stack: Open[], name: string): void {
  const done = stack.pop();
  const parent = stack.at(-1);
  if (done === undefined || parent === undefined || done.name !== name) throw malformed();
  parent.children.push(done);
}

function applyToken(stack: Open[], match: RegExpExecArray): void {
  const [, cdata, closing, rawName, attributes, selfClosing, text] = match;
  const top = stack.at(-1);
  if (top === undefined) throw malformed();
  if (cdata !== undefined) top.text += cdata;
  else if (text !== undefined) top.text += decodeText(text);
  if (rawName === undefined) return;
  const name = rawName.slice(rawName.indexOf(':') + 1);
  if (closing !== '/') stack.push({ name, attributes: attributes ?? '', children: [], text: '' });
  if (closing === '/' || selfClosing === '/') close(stack, name);
}

/**
 * Parses a request document as strictly as an XML 1.0 parser without document types.
 *
 * @throws {S3Error} `MalformedXML`, also for characters that XML 1.0 cannot hold
 * @see https://www.w3.org/TR/xml/#charsets (read 2026-11-22)
 */
export function parseXml(source: string): XmlElement {
  const input = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  for (const char of input) if (!isXmlCharacter(char.codePointAt(0) ?? 0)) throw malformed();
  const stack: Open[] = [{ name: '', attributes: '', children: [], text: '' }];
  token.lastIndex = 0;
  while (token.lastIndex < input.length) {
    const match = token.exec(input);
    if (match === null) throw malformed();
    applyToken(stack, match);
  }
  const root = stack[0];
  if (stack.length !== 1 || root?.children.length !== 1 || root.text.trim() !== '') throw malformed();
  return root.children[0] as XmlElement;
}

/** The children of that name. */
export function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

/** The text of the first child of that name; undefined without one. */
export function textOf(parent: XmlElement, name: string): string | undefined {
  return parent.children.find((child) => child.name === name)?.text;
}

/** Refuses a document whose root or children are not those of the schema. */
export function expectShape(root: XmlElement, name: string, children: readonly string[]): void {
  if (root.name !== name || root.children.some((child) => !children.includes(child.name))) throw malformed();
}
