import type { AccountJson } from '../../../src/contract/account.ts'

export type TrustLevel = AccountJson['smartCommitTrust']

const MEANINGS: Readonly<Record<TrustLevel, string>> = {
  author: 'Those of whoever the commit names, with what they may do in Jira.',
  verified: 'Only with a signature that the Git host verified.',
  off: 'Nobody’s.',
}

/** Whose smart commits are executed, in the order from most to least; a word each, so that small screens do not cut them. */
export const TRUST_LEVELS: readonly { readonly value: TrustLevel; readonly label: string }[] = [
  { value: 'author', label: 'Author' },
  { value: 'verified', label: 'Verified' },
  { value: 'off', label: 'Off' },
]

/** What a level is called. */
export const toTrustLabel = (level: TrustLevel) => TRUST_LEVELS.find(({ value }) => value === level)?.label ?? level

/** What the level that is chosen means, in a sentence. */
export const toTrustMeaning = (level: TrustLevel) => MEANINGS[level]
