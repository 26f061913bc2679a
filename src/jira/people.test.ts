import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HttpClient } from '../lib/http-client.ts'
import { createTestClient, createTestHttp, startScriptedServer, startTestJira } from './fixtures/test-jira.ts'

const signal = new AbortController().signal
let http: HttpClient
const closers: (() => Promise<void>)[] = []
beforeEach(() => {
  http = createTestHttp()
})
afterEach(async () => {
  await http.close()
  for (const close of closers.splice(0)) await close()
})

test('who signs in is told by the body, also where no header names them', async () => {
  const answers: Readonly<Record<string, unknown>> = {
    '/rest/api/2/myself': { name: 'ada', key: 'JIRAUSER10', displayName: 'Ada' },
    '/rest/api/2/mypermissions': { permissions: { ADMINISTER: { havePermission: true } } },
  }
  const server = await startScriptedServer((response, path) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answers[path.split('?')[0] ?? '']))
  })
  closers.push(server.close)

  const person = await createTestClient(server.url, { http }).getPerson({ token: 'hers' }, signal)

  expect(person).toEqual({ userKey: 'JIRAUSER10', name: 'ada', displayName: 'Ada', administrator: true })
})

test.each([true, false])('a token that is nobody’s signs nobody in (anonymous access: %s)', async (anonymousAccess) => {
  const jira = await startTestJira({ anonymousAccess })
  closers.push(() => jira.close())

  const asked = createTestClient(jira.url, { http }).getPerson({ token: 'made-up' }, signal)

  await expect(asked).rejects.toMatchObject({ code: 'jira-credentials-refused' })
})
