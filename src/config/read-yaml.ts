import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type ErrorCode,
  type ParsedNode,
} from 'yaml'
import { InvalidValue, type Flaw, type RawMap, type RawValue } from './raw-value.ts'

/** Deeper than any option, and far below where recursion ends. */
const MAX_DEPTH = 16

/** The library's own texts may quote the file, secrets included: these say the same without quoting. */
const SYNTAX_TEXTS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab as indentation; YAML takes blanks only',
  BAD_INDENT: 'indented differently from its neighbours',
  DUPLICATE_KEY: 'the same key twice in one map',
  MISSING_CHAR: 'a closing quote or bracket, or a comma, is missing',
  MULTILINE_IMPLICIT_KEY: 'a key over several lines; a blank after a ":" may be missing',
  BLOCK_AS_IMPLICIT_KEY: 'a map where a text is expected; a line may be indented wrongly or the text need quotes',
  BAD_SCALAR_START: 'this character starts no text; put the text into quotes',
  BAD_DQ_ESCAPE: 'unknown escape in double quotes; single quotes take everything as it is',
  RESOURCE_EXHAUSTION: 'nested too deeply',
}
const MAX_SYNTAX_FLAWS = 20

/**
 * Reads the text of a configuration file into values with lines. Never resolves aliases and never makes objects of
 * keys, so that neither a "billion laughs" file nor a key `__proto__` can do harm.
 *
 * @throws InvalidValue for what is no single YAML document of maps, lists and scalars.
 */
export function readYaml(text: string): RawMap {
  const lines = new LineCounter()
  const document = parseOne(text, lines)
  const flaws: Flaw[] = []
  const root = toRaw(document?.contents ?? null, { depth: 0, line: 1, at: '' }, { lines, flaws })
  if (root.kind !== 'map' && root.kind !== 'null') flaws.push({ message: 'is no map of options', line: root.line, at: '' })
  if (flaws.length > 0) throw new InvalidValue(flaws)
  return root.kind === 'map' ? root : { kind: 'map', entries: new Map(), line: 1 }
}

interface Place {
  readonly depth: number
  /** Of what holds the value, for values that are written as nothing. */
  readonly line: number
  readonly at: string
}

interface Reading {
  readonly lines: LineCounter
  readonly flaws: Flaw[]
}

function toRaw(node: ParsedNode | null, place: Place, reading: Reading): RawValue {
  if (node === null) return { kind: 'null', line: place.line }
  const line = lineOf(node, reading)
  const flaw = flawOf(node, place.depth)
  if (flaw !== null) {
    reading.flaws.push({ message: flaw, line, at: place.at })
    return { kind: 'null', line }
  }
  const inside = (at: string, itemLine: number): Place => ({ depth: place.depth + 1, line: itemLine, at: `${place.at}${at}` })
  if (isSeq(node)) {
    return { kind: 'list', line, items: node.items.map((item, index) => toRaw(item, inside(`[${index}]`, line), reading)) }
  }
  if (isMap(node)) {
    const entries = new Map<string, { line: number; value: RawValue }>()
    for (const { key, value } of node.items) {
      const keyLine = lineOf(key, reading)
      const name = isScalar(key) ? String(key.value) : ''
      // What is no name may be a secret whose key lost its blank: it is not repeated.
      const at = !/^[A-Za-z][A-Za-z0-9_]*$/.test(name) ? '' : place.at === '' ? name : `.${name}`
      if (isScalar(key)) entries.set(name, { line: keyLine, value: toRaw(value, inside(at, keyLine), reading) })
      else reading.flaws.push({ message: 'has a key that is no text', line: keyLine, at: place.at })
    }
    return { kind: 'map', line, entries }
  }
  if (!isScalar(node) || node.value === null) return { kind: 'null', line }
  // As written, so that a password 0123 keeps its zero.
  const text = typeof node.value === 'string' ? node.value : (node.source ?? '')
  return { kind: 'scalar', line, text, literal: true }
}

function lineOf(node: { readonly range?: readonly number[] | null }, { lines }: Reading): number {
  return lines.linePos(node.range?.[0] ?? 0).line
}

function parseOne(text: string, lineCounter: LineCounter): Document.Parsed | null {
  const parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, schema: 'core', version: '1.2', logLevel: 'silent' })
  const documents = 'empty' in parsed ? [] : parsed
  const messages = new Map<number, string>()
  for (const { code, pos } of documents.flatMap((document) => document.errors)) {
    const { line } = lineCounter.linePos(pos[0])
    // One mistake often makes the parser stumble several times in its line.
    if (messages.size < MAX_SYNTAX_FLAWS && !messages.has(line)) messages.set(line, messageOf(code))
  }
  const second = documents[1]
  if (second !== undefined) {
    messages.set(lineCounter.linePos(second.range[0]).line, 'holds a second document ("---"); one file is one document')
  }
  if (messages.size > 0) throw new InvalidValue([...messages].map(([line, message]) => ({ message, line, at: '' })))
  return documents[0] ?? null
}

function messageOf(code: ErrorCode): string {
  return `is no valid YAML: ${SYNTAX_TEXTS[code] ?? code.toLowerCase().replaceAll('_', ' ')}`
}

function flawOf(node: ParsedNode, depth: number): string | null {
  if (depth > MAX_DEPTH) return 'is nested too deeply'
  if (isAlias(node)) return 'uses an alias ("*name"); anchors and aliases are not supported, write the value out'
  if (node.anchor !== undefined) return 'has an anchor ("&name"); anchors and aliases are not supported, write the value out'
  if (node.tag !== undefined) return 'has a tag ("!name"); tags are not supported'
  return null
}
