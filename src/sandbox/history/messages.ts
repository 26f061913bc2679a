import type { GeneratedIssue } from './issues.ts'
import { task } from './issues.ts'
import { CHORES, FALSE_KEYS, type Theme } from './phrases.ts'
import type { Random } from './random.ts'

export interface GeneratedMessage {
  readonly text: string
  /** The issues it names. */
  readonly keys: readonly string[]
  /** Holds something that only looks like a key. */
  readonly falseKey: boolean
}

const NO_KEY = 0.4
const SEVERAL_KEYS = 0.05

/** A commit message about `issue`; about four in ten name no issue, as in real repositories. */
export function commitMessage(random: Random, theme: Theme, issue: GeneratedIssue, other: GeneratedIssue): GeneratedMessage {
  const what = random.chance(0.3) ? issue.summary : task(random, theme).summary
  if (random.chance(NO_KEY)) return keylessMessage(random, theme, what)
  const falseKey = random.chance(0.02)
  const body = falseKey
    ? `\n\n${random.pick(FALSE_KEYS)}.`
    : random.chance(0.15)
      ? `\n\nThe old way failed ${random.pick(['now and then', 'for large orders', 'at night'])}.`
      : ''
  if (random.chance(SEVERAL_KEYS) && other.key !== issue.key) {
    return { text: `${issue.key}, ${other.key}: ${what}${body}\n`, keys: [issue.key, other.key], falseKey }
  }
  return { text: `${placed(random, { theme, key: issue.key, what, body })}\n`, keys: [issue.key], falseKey }
}

export function mergeMessage(branch: string, title: string, path: string, iid: number): string {
  return `Merge branch '${branch}' into 'main'\n\n${title}\n\nSee merge request ${path}!${iid}\n`
}

function keylessMessage(random: Random, theme: Theme, what: string): GeneratedMessage {
  if (random.chance(0.1)) return { text: `${random.pick(FALSE_KEYS)}\n`, keys: [], falseKey: true }
  if (random.chance(0.4)) return { text: `${random.pick(CHORES)}\n`, keys: [], falseKey: false }
  const text = random.chance(0.5) ? `${conventional(random, theme)}: ${lowered(what)}` : what
  return { text: `${text}\n`, keys: [], falseKey: false }
}

/** The key at the front, in brackets, at the end, in the text or in the body. */
function placed(
  random: Random,
  parts: { readonly theme: Theme; readonly key: string; readonly what: string; readonly body: string },
): string {
  const { theme, key, what, body } = parts
  const place = random.next()
  if (place < 0.35) return `${key} ${what}${body}`
  if (place < 0.5) return `${key}: ${what}${body}`
  if (place < 0.58) return `[${key}] ${what}${body}`
  if (place < 0.72) return `${conventional(random, theme)}: ${lowered(what)} (${key})${body}`
  if (place < 0.82) return `${what}, follow-up to ${key}${body}`
  return `${what}${body}\n\nRefs: ${key}`
}

function conventional(random: Random, theme: Theme): string {
  const [area] = random.pick(theme.areas)
  return `${random.pick(['feat', 'fix', 'fix', 'refactor', 'test', 'chore'])}(${area})`
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
