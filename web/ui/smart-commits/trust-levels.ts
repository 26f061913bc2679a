import type { AccountJson } from '../../../src/contract/account.ts'

export type TrustLevel = AccountJson['smartCommitTrust']

/** Whose smart commits are executed, in the order from most to least. */
export const TRUST_LEVELS: readonly { readonly value: TrustLevel; readonly label: string }[] = [
  { value: 'author', label: 'Author: whoever the commit names, with what they may do in Jira' },
  { value: 'verified', label: 'Verified: only with a signature that the Git host verified' },
  { value: 'off', label: 'Off: nobody’s' },
]

export const toTrustLabel = (level: TrustLevel) => TRUST_LEVELS.find(({ value }) => value === level)?.label ?? level
