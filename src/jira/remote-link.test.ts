import { expect, test } from 'vitest'
import type { DevelopmentInformation } from '../domain/development-information.ts'
import { developmentExample } from './fixtures/test-development.ts'
import { toRemoteLink } from './remote-link.ts'

const OPTIONS = { installationId: 'inst-1', issueId: '10042' }

function withSummary(changes: Partial<DevelopmentInformation['summary']>): DevelopmentInformation {
  const info = developmentExample()
  return { ...info, summary: { ...info.summary, ...changes } }
}

test('counts in the title and links to the page of the issue', () => {
  const link = toRemoteLink(developmentExample(), OPTIONS)

  expect(link.globalId).toBe('dvcs-connector:inst-1:10042')
  expect(link.object).toEqual({
    url: 'https://dvcs.example.com/issues/SHOP-7',
    title: '2 branches, 14 commits, 1 open merge request, 2 merged merge requests',
    status: { resolved: false },
  })
})

test('is resolved when every pull request is merged or declined, and not when there is none', () => {
  const resolvedWith = (pullRequests: DevelopmentInformation['summary']['pullRequests']) =>
    toRemoteLink(withSummary({ pullRequests }), OPTIONS).object.status.resolved

  expect(resolvedWith({ open: 0, merged: 1, declined: 1 })).toBe(true)
  expect(resolvedWith({ open: 1, merged: 1, declined: 0 })).toBe(false)
  expect(resolvedWith({ open: 0, merged: 0, declined: 0 })).toBe(false)
})

test('says so when there is nothing', () => {
  const info = withSummary({ branches: 0, commits: 0, pullRequests: { open: 0, merged: 0, declined: 0 } })

  expect(toRemoteLink(info, OPTIONS).object.title).toBe('No development information')
})
