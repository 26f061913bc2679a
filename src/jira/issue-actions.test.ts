import { describe, expect, it } from 'vitest'
import { createTestClient, createTestHttp, startScriptedServer, startTestJira } from './fixtures/test-jira.ts'
import { toJiraTime } from './issue-actions.ts'

const { signal } = new AbortController()
/** Where no issue is needed. */
const SHOP_1 = { id: '10001', key: 'SHOP-1' }

describe('toJiraTime', () => {
  it.each([
    ['2026-01-31T10:00:00.000Z', 0, '2026-01-31T10:00:00.000+0000'],
    ['2026-01-31T23:30:00.005Z', 330, '2026-02-01T05:00:00.005+0530'],
    ['2026-01-31T10:00:00.000Z', -210, '2026-01-31T06:30:00.000-0330'],
    ['2026-01-31T10:00:00.000Z', 99_999, '2026-02-01T00:00:00.000+1400'],
    ['1969-01-01T00:00:00.000Z', 0, '1970-01-01T00:00:00.000+0000'],
    ['+100000-01-01T00:00:00.000Z', 0, '9999-01-01T00:00:00.000+0000'],
  ])('%s at %s minutes is %s', (date, offset, text) => {
    expect(toJiraTime(new Date(date), offset)).toBe(text)
  })
})

describe('permissions', () => {
  it('asks a Jira that knows only the former names by those', async () => {
    const jira = await startTestJira({ version: '8.20.0' })
    const http = createTestHttp()
    const { actions } = createTestClient(jira.url, { http, auth: { token: 'admin-token' } })

    const permissions = ['BROWSE_PROJECTS', 'ADD_COMMENTS', 'WORK_ON_ISSUES', 'TRANSITION_ISSUES'] as const
    expect(await actions.hasPermissions('viewer', { issue: SHOP_1, permissions }, signal)).toBe(true)
    expect(await actions.hasPermissions('view', { issue: SHOP_1, permissions }, signal)).toBe(false)
    await http.close()
    await jira.close()
  })
})

describe('transitions', () => {
  it('tells what their screens ask for; a comment is no field that a commit cannot give', async () => {
    const fields = {
      comment: { required: true, name: 'Comment' },
      resolution: { required: true, name: 'Resolution', hasDefaultValue: true },
      customfield_10001: { required: true },
      labels: { required: false, name: 'Labels' },
    }
    const to = { name: 'Done' }
    const transitions = [
      { id: '1', name: 'Resolve', to, fields },
      { id: '2', name: 'Close', to },
    ]
    const server = await startScriptedServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-ausername': 'bot' })
      response.end(JSON.stringify({ transitions }))
    })
    const http = createTestHttp()
    const { actions } = createTestClient(server.url, { http })

    expect(await actions.listTransitions(SHOP_1, signal)).toEqual([
      { id: '1', name: 'Resolve', status: 'Done', requiredFields: ['customfield_10001'], takesComment: true },
      { id: '2', name: 'Close', status: 'Done', requiredFields: [], takesComment: false },
    ])
    await http.close()
    await server.close()
  })
})

describe('answers of another shape', () => {
  const answers = [
    '[]',
    '{"total":1,"comments":[{"id":"1","created":"soon"}]}',
    '{"worklogs":[{"id":1}]}',
    '{"changelog":{"histories":[{"created":"2026-01-31T10:00:00.000+0000","items":"x"}]}}',
    'null',
    'no json',
  ]

  it.each(answers)('%s is refused', async (answer) => {
    const server = await startScriptedServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-ausername': 'bot' })
      response.end(answer)
    })
    const http = createTestHttp()
    const { actions } = createTestClient(server.url, { http })

    const calls = [
      Array.fromAsync(actions.listComments(SHOP_1, signal)),
      actions.listWorklogs(SHOP_1, signal),
      actions.listStatusChanges(SHOP_1, signal),
      actions.listTransitions(SHOP_1, signal),
      actions.getStatus(SHOP_1, signal),
      actions.addComment(SHOP_1, 'x', signal),
      actions.hasTimeTracking(signal),
    ]
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'jira-unexpected-answer' } })
    }
    await http.close()
    await server.close()
  })

  it('ends with what a Jira without pages gives', async () => {
    let requests = 0
    const comment = { id: '1', author: null, body: 'x', created: '2026-01-31T10:00:00.000+0100' }
    const server = await startScriptedServer((response) => {
      requests += 1
      response.writeHead(200, { 'content-type': 'application/json', 'x-ausername': 'bot' })
      response.end(JSON.stringify({ startAt: 0, maxResults: 2, total: 3, comments: [comment, comment] }))
    })
    const http = createTestHttp()
    const { actions } = createTestClient(server.url, { http })

    const comments = await Array.fromAsync(actions.listComments(SHOP_1, signal))

    expect(comments[0]).toEqual({ id: '1', author: null, text: 'x', created: new Date('2026-01-31T09:00:00Z') })
    expect(requests).toBe(2)
    await http.close()
    await server.close()
  })
})
