import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HttpClient } from '../lib/http-client.ts'
import type { JiraClient } from './client.ts'
import { createTestClient, createTestHttp, startScriptedServer } from './fixtures/test-jira.ts'

const signal = new AbortController().signal
const SIGNED_IN = { 'content-type': 'application/json', 'x-ausername': 'connector' }

let http: HttpClient
let asked: string[]
const closers: (() => Promise<void>)[] = []
beforeEach(() => {
  http = createTestHttp()
  asked = []
})
afterEach(async () => {
  await http.close()
  for (const close of closers.splice(0)) await close()
})

/** A Jira where so many others come before `li`, whose key is `JIRAUSER7`; null: there is no `li`. */
async function startJira(before: number | null, older = false): Promise<JiraClient> {
  const others = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `lia${index}` }))
  const server = await startScriptedServer((response, path) => {
    const query = new URL(path, 'http://jira').searchParams
    asked.push(`${query.get('permissions')} from ${query.get('startAt')}`)
    if (older && query.get('permissions')?.includes('BROWSE_PROJECTS') === true) {
      response
        .writeHead(400, SIGNED_IN)
        .end(JSON.stringify({ errorMessages: ["The permission 'BROWSE_PROJECTS' is not valid."] }))
      return
    }
    const startAt = Number(query.get('startAt'))
    const all = before === null ? 1_000_000 : before
    const found = others(Math.max(0, Math.min(1_000, all - startAt)))
    const here = before !== null && startAt <= before && before < startAt + 1_000
    response.writeHead(200, SIGNED_IN).end(JSON.stringify(here ? [...found, { name: 'li', key: 'JIRAUSER7' }] : found))
  })
  closers.push(server.close)
  return createTestClient(server.url, { http })
}

const LI = { name: 'li', userKey: 'JIRAUSER7' }
const NAMES = 'BROWSE_PROJECTS,VIEW_DEV_TOOLS'

test.each([0, 999, 1_000, 2_500])('a short name is found behind %i others', async (before) => {
  const client = await startJira(before)

  expect(await client.maySeeDevelopment(LI, 'SHOP-1', signal)).toBe(true)
  expect(asked).toHaveLength(Math.floor(before / 1_000) + 1)
})

test('smart commits ask page by page too', async () => {
  const client = await startJira(1_200)

  const issue = { id: '1', key: 'SHOP-1' }
  expect(await client.actions.hasPermissions('li', { issue, permissions: ['ADD_COMMENTS'] }, signal)).toBe(true)
  expect(asked).toEqual(['ADD_COMMENTS from 0', 'ADD_COMMENTS from 1000'])
})

test('somebody who got the name is not who was asked for', async () => {
  const client = await startJira(3)

  expect(await client.maySeeDevelopment({ ...LI, userKey: 'JIRAUSER8' }, 'SHOP-1', signal)).toBe(false)
})

test('a Jira that never stops answering is not asked for ever', async () => {
  const client = await startJira(null)

  expect(await client.maySeeDevelopment(LI, 'SHOP-1', signal)).toBe(false)
  expect(asked).toHaveLength(20)
})

test('older names of permissions are tried page by page as well', async () => {
  const client = await startJira(1_100, true)

  expect(await client.maySeeDevelopment(LI, 'SHOP-1', signal)).toBe(true)
  expect(asked).toEqual([`${NAMES} from 0`, 'BROWSE,VIEW_VERSION_CONTROL from 0', 'BROWSE,VIEW_VERSION_CONTROL from 1000'])
})
