import { SaxesParser } from 'saxes';
import { S3Error } from '../s3-error.ts';

/** An element of a request document, named without its namespace prefix. Attributes carry no meaning in S3's requests. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

const malformed = (): S3Error => new S3Error('MalformedXML');

/**
 * Parses a request document. Document types are refused, since they could define entities.
 *
 * @throws {S3Error} `MalformedXML`, also for characters that XML 1.0 cannot hold
 * @see https://www.w3.org/TR/xml/#charsets (read 2026-11-22)
 */
export function parseXml(source: string): XmlElement {
  const outermost: OpenElement = { name: '', children: [], text: '' };
  const open = [outermost];
  const addText = (text: string): void => {
    const current = open.at(-1);
    if (current !== undefined) current.text += text;
  };
  const parser = new SaxesParser({ forceXMLVersion: true, defaultXMLVersion: '1.0' });
  parser.on('error', () => {
    throw malformed();
  });
  parser.on('doctype', () => {
    throw malformed();
  });
  parser.on('opentag', ({ name }) => {
    const element = { name: name.slice(name.indexOf(':') + 1), children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(source).close();
  const root = outermost.children[0];
  if (root === undefined) throw malformed();
  return root;
}

/** Finds the children with a name. */
export function findChildren(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

/** The text of the first child with a name; undefined if there is no such child. */
export function childText(parent: XmlElement, name: string): string | undefined {
  return parent.children.find((child) => child.name === name)?.text;
}

/** Refuses a document whose root or children are not those of the schema. */
export function expectShape(root: XmlElement, name: string, children: readonly string[]): void {
  if (root.name !== name || root.children.some((child) => !children.includes(child.name))) throw malformed();
}
