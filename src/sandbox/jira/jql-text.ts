const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

export function parseList(text: string): string[] {
  return splitList(text).map(unquote).filter(Boolean)
}

export function splitList(text: string): string[] {
  return text
    .replace(/^\s*\(|\)\s*$/g, '')
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '')
}

/** What stands between a word, `and` or `or`, outside of brackets and quotes. */
export function splitAt(word: string, text: string): string[] {
  const parts: string[] = []
  let start = 0
  for (const { index, found } of outside(text)) {
    if (found.toLowerCase() !== word) continue
    parts.push(text.slice(start, index).trim())
    start = index + found.length
  }
  return [...parts, text.slice(start).trim()]
}

/** Whether one pair of brackets holds all of it. */
export function isEnclosed(text: string): boolean {
  return text.startsWith('(') && text.endsWith(')') && [...outside(text)].length === 0 && depthOf(text.slice(0, -1)) === 1
}

/** Words outside of brackets and quotes. */
function* outside(text: string): Generator<{ readonly index: number; readonly found: string }> {
  let depth = 0
  for (const { 0: found, index } of text.matchAll(PARTS)) {
    if (found === '(') depth += 1
    else if (found === ')') depth -= 1
    else if (depth === 0 && /^\w/.test(found)) yield { index, found }
  }
}

function depthOf(text: string): number {
  let depth = 0
  for (const { 0: found } of text.matchAll(PARTS)) depth += found === '(' ? 1 : found === ')' ? -1 : 0
  return depth
}

const PARTS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()]|\w+/gs

export function unquote(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/s, '$2')
}

/** `2026-11-22`, `2026/11/22 10:00` (in UTC) or `-5m`; NaN: none of them. */
export function parseJqlDate(text: string, now: Date): number {
  const [, amount = '0', unit] = /^-(\d+)([mhdw])$/.exec(text) ?? []
  if (unit !== undefined) return now.getTime() - Number(amount) * (UNITS_MS[unit] ?? 0)
  const [day = '', time = '00:00'] = text.replaceAll('/', '-').split(' ')
  return Date.parse(`${day}T${time}Z`)
}

export function invalidDate(text: string, field: string): string {
  return `Date value '${text}' for field '${field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', '-5d', '4w 2d'.`
}
