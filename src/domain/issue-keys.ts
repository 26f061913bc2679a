import { issueKey, type IssueKey } from './ids.ts'

/** Version of the rule below. Stored beside what was extracted: another number means that texts are read again. */
export const RULES_VERSION = 1

/**
 * Longest key. Jira's columns hold 255 characters of a project key and 19 digits of a number; this is far above both and
 * well below the largest index row of PostgreSQL (2,704 bytes). What is longer is no key: nothing is cut.
 */
export const MAX_KEY_LENGTH = 1024

/**
 * Most different keys taken from one text: what GitLab keeps per entity. No message written by people comes near it, and
 * a generated one cannot fill the memory. The first ones count.
 */
export const MAX_KEYS_PER_TEXT = 500

/** Most different keys that a pull request gets from its texts and the commits that it brings; its own come first. */
export const MAX_KEYS_PER_PULL_REQUEST = 2_000

/** Most different keys of a build or deployment, all that leads to it together: what GitLab keeps of one for Jira Cloud. */
export const MAX_KEYS_PER_RUN = 500

/**
 * The rule as one expression each. The left guard also keeps them linear: a run of letters, digits and underscores is
 * entered at its first character only (without the guard 40,000 letters take 3 s). Measured on Node 26: 1,200 MB/s on
 * ordinary messages, 360 MB/s on text all in upper case. Scanning from hyphen to hyphen by hand reaches 1,800 MB/s, while
 * reading the text from Git does not: not worth forty lines more.
 */
const UPPER_CASE_KEY = /(?<![\p{L}\p{Nd}_])[A-Z][A-Z0-9_]+-[1-9][0-9]*(?![\p{L}\p{Nd}])/gu
/** Letters spelt out instead of the flag `i`, which would let the long s and the Kelvin sign pass as ASCII. */
const ANY_CASE_KEY = /(?<![\p{L}\p{Nd}_])[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*(?![\p{L}\p{Nd}])/gu

/**
 * Words that could be issue keys: PROJECT-NUMBER, where PROJECT is an ASCII upper-case letter and at least one more
 * upper-case letter, digit or underscore, and NUMBER a positive integer without leading zeros. Not directly preceded by
 * a letter, digit or underscore, not directly followed by a letter or digit; Unicode letters (L) and decimal digits (Nd)
 * count as such. A longer candidate is never cut into a shorter one. Which candidates name issues is for Jira's project
 * list to say: see `selectKnownKeys`.
 *
 * @param text A whole message, title or branch name. The time taken is linear in its length, whatever it holds.
 * @param options `anyCase`: lower case counts too (branch names); the result is in upper case.
 * @returns First-seen order, without duplicates, at most `MAX_KEYS_PER_TEXT`.
 */
export function findIssueKeyCandidates(text: string, options?: { readonly anyCase?: boolean }): IssueKey[] {
  const rule = options?.anyCase === true ? ANY_CASE_KEY : UPPER_CASE_KEY
  // From the beginning of this text; `matchAll` would copy the expression for each one.
  rule.lastIndex = 0
  let match = rule.exec(text)
  if (match === null) return []
  const keys = new Set<IssueKey>()
  for (; match !== null && keys.size < MAX_KEYS_PER_TEXT; match = rule.exec(text)) {
    if (match[0].length <= MAX_KEY_LENGTH) keys.add(issueKey(match[0].toUpperCase()))
  }
  return [...keys]
}

/** `MY_PROJ` of `MY_PROJ-7`. */
export function projectKeyOf(key: IssueKey): string {
  return key.slice(0, key.lastIndexOf('-'))
}

/**
 * The candidates whose project exists, in their order. Exact comparison: `MY_PROJ-7` is nothing when only `PROJ` exists.
 *
 * @param knownProjects Jira's project keys, former keys included, in upper case. Empty: no project is known, nothing counts.
 */
export function selectKnownKeys(candidates: readonly IssueKey[], knownProjects: ReadonlySet<string>): IssueKey[] {
  return candidates.filter((key) => knownProjects.has(projectKeyOf(key)))
}
