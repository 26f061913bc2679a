export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** All text directly inside, in one piece. */
  readonly text: string
}

/** Not well-formed, or a form that a descriptor does not need. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
}

const NAME = '[A-Za-z_][\\w.-]*'
const TOKEN = new RegExp(
  [
    '<!--(?:(?!--)[^])*-->',
    '<!\\[CDATA\\[(?<cdata>(?:(?!\\]\\]>)[^])*)\\]\\]>',
    `</(?<end>${NAME})\\s*>`,
    `<(?<start>${NAME})(?<attributes>(?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(?<empty>/?)>`,
    '(?<text>[^<]+)',
  ].join('|'),
  'y',
)
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'g')
const DECLARATION = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

interface Open {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  text: string
}

/**
 * Reads XML strictly, as Jira's parser would: whatever is not well-formed is an error, and so are document types and namespaces,
 * which a descriptor has no use for.
 *
 * @throws XmlError
 */
export function readXml(document: string): XmlElement {
  const body = document.replace(DECLARATION, '')
  if (body === document) throw new XmlError('the XML declaration with UTF-8 is missing')
  const root: Open = { name: '', attributes: {}, children: [], text: '' }
  const open: Open[] = [root]
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < body.length) {
    const at = TOKEN.lastIndex
    const groups = TOKEN.exec(body)?.groups
    if (groups === undefined) throw new XmlError(`not well-formed at: ${body.slice(at, at + 60)}`)
    take(open, groups)
  }
  if (open.length > 1) throw new XmlError(`<${open.at(-1)?.name}> is not closed`)
  const [element, ...others] = root.children
  if (element === undefined || others.length > 0 || root.text.trim() !== '') throw new XmlError('there must be one root element')
  return element
}

function take(open: Open[], groups: Readonly<Record<string, string | undefined>>): void {
  const parent = open.at(-1)
  if (parent === undefined) throw new XmlError('something follows the root element')
  const { start, end, attributes = '', empty, text, cdata } = groups
  if (start !== undefined) {
    const element: Open = { name: start, attributes: readAttributes(attributes), children: [], text: '' }
    if (empty === '/') parent.children.push(element)
    else open.push(element)
  } else if (end !== undefined) {
    if (parent.name !== end) throw new XmlError(`</${end}> closes <${parent.name}>`)
    open.pop()
    open.at(-1)?.children.push(parent)
  } else if (text !== undefined) {
    if (text.includes(']]>')) throw new XmlError(`"]]>" stands in a text`)
    parent.text += unescape(text)
  } else parent.text += cdata ?? ''
}

function readAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [, name = '', double, single = ''] of text.matchAll(ATTRIBUTE)) {
    if (name in attributes) throw new XmlError(`the attribute ${name} is there twice`)
    attributes[name] = unescape(double ?? single)
  }
  return attributes
}

function unescape(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/.test(text)) throw new XmlError(`an "&" is not escaped in: ${text}`)
  return text.replaceAll(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (_all, hex?: string, decimal?: string, name = '') =>
    hex !== undefined || decimal !== undefined
      ? String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
      : (ENTITIES[String(name)] ?? ''),
  )
}
