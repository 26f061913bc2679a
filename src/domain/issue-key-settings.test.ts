import { expect, test } from 'vitest'
import { toRulesVersion, type IssueKeySettings } from './issue-key-settings.ts'
import { RULES_VERSION } from './issue-keys.ts'

test('every combination of settings has a version of its own, and the defaults that of the rule', () => {
  const places = ['branch', 'commit', 'title'] as const
  const all = Array.from({ length: 16 }, (_, bits): IssueKeySettings => ({
    anyCaseIn: places.filter((_place, index) => (bits & (1 << index)) !== 0),
    pullRequestCommits: bits >= 8,
  }))

  expect(new Set(all.map(toRulesVersion)).size).toBe(16)
  expect(toRulesVersion({ anyCaseIn: ['branch'], pullRequestCommits: true })).toBe(RULES_VERSION)
  expect(toRulesVersion({ anyCaseIn: ['title', 'branch'], pullRequestCommits: true })).toBe(
    toRulesVersion({ anyCaseIn: ['branch', 'title'], pullRequestCommits: true }),
  )
})
