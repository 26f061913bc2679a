import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJiraHint } from './webhook-hint.ts'

const issue = { id: '10012', key: 'PAY-21', fields: { summary: 'Late' } }
const moved = {
  timestamp: 1_700_000_000_000,
  webhookEvent: 'jira:issue_updated',
  issue_event_type_name: 'issue_moved',
  issue,
  changelog: {
    id: '7',
    items: [
      { field: 'project', fieldtype: 'jira', from: '10', fromString: 'Shop', to: '11', toString: 'Pay' },
      { field: 'Key', fieldtype: 'jira', from: null, fromString: 'SHOP-1', to: null, toString: 'PAY-21' },
    ],
  },
}

describe('what a webhook hints at', () => {
  test.each([
    ['jira:issue_created', 'created'],
    ['jira:issue_updated', 'changed'],
    ['jira:issue_deleted', 'deleted'],
    ['project_created', 'projects'],
    ['project_updated', 'projects'],
    ['project_deleted', 'projects'],
    ['comment_created', 'other'],
  ])('%s: %s', (webhookEvent, kind) => {
    expect(parseJiraHint({ webhookEvent, issue })).toMatchObject({ kind, event: webhookEvent, issueId: '10012' })
  })

  test('a move, with the key that the issue had', () => {
    expect(parseJiraHint(moved)).toEqual({
      kind: 'moved',
      event: 'jira:issue_updated',
      issueId: '10012',
      keys: ['PAY-21', 'SHOP-1'],
    })
  })

  test('a number as id counts, what is no id and no key does not', () => {
    expect(parseJiraHint({ webhookEvent: 'jira:issue_created', issue: { id: 10012, key: 'PAY-21' } }).issueId).toBe('10012')
    const hostile = { id: '1 or 1=1', key: 'SHOP-1") OR key in ("X-1' }
    expect(parseJiraHint({ webhookEvent: 'jira:issue_created', issue: hostile })).toMatchObject({ issueId: null, keys: [] })
  })

  test('the name of an event is safe to show', () => {
    expect(parseJiraHint({ webhookEvent: `a\u0000<b>${'x'.repeat(500)}` }).event).toMatch(/^abx{78}$/)
  })

  test('any JSON at all hints at something or nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseJiraHint(value).keys.length).toBeLessThanOrEqual(10)
        expect(parseJiraHint({ ...moved, issue: value }).kind).toBe('moved')
        expect(parseJiraHint({ ...moved, changelog: { items: value } }).issueId).toBe('10012')
        expect(parseJiraHint({ ...moved, changelog: { items: [value] } }).keys).toContain('PAY-21')
      }),
    )
  })
})
