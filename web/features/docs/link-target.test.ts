import { expect, test } from 'vitest'
import { toTarget } from './link-target.ts'

test.each([
  ['jira.md', { kind: 'document', name: 'jira', hash: '' }],
  ['error-codes.md#not-ready', { kind: 'document', name: 'error-codes', hash: 'not-ready' }],
  ['https://docs.gitlab.com/', { kind: 'external', url: 'https://docs.gitlab.com/' }],
  ['../README.md', { kind: 'text' }],
  ['decisions/0001-node-by-npm.md', { kind: 'text' }],
  ['javascript:alert(1)', { kind: 'text' }],
])('%s', (href, target) => {
  expect(toTarget(href)).toEqual(target)
})
