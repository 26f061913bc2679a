import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from './sandbox-jira.ts'

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: Record<string, unknown>
}

let server: Server
let receiver: string
let received: Received[]
let status: number
let jira: SandboxJira

beforeEach(async () => {
  received = []
  status = 202
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const text = body.toString('utf8')
      const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
      received.push({ path: request.url ?? '', headers: request.headers, text, json })
      response.writeHead(status).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  receiver = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await jira.close()
})

async function start(version: string) {
  jira = await createSandboxJira({
    clock: systemClock,
    log: silentLogger,
    version,
    users: [
      { name: 'ann', displayName: 'Ann Lee', emailAddress: 'ann@example.com', administrator: true, tokens: [{ token: 't-ann' }] },
      { name: 'ben', displayName: 'Ben Meyer', emailAddress: 'ben@example.com', tokens: [{ token: 't-ben' }] },
    ],
  })
  for (const key of ['SHOP', 'PAY']) jira.world.addProject({ key, name: key })
  jira.world.seedIssues('SHOP', 3)
}

async function call(method: string, path: string, { body, token = 't-ann' }: { body?: unknown; token?: string } = {}) {
  const response = await fetch(`${jira.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: (text === '' ? null : JSON.parse(text)) as Record<string, unknown> | null }
}

const EVENTS = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'project_created',
  'project_updated',
  'project_deleted',
]
const SIGNED = '/rest/jira-webhook/1.0/webhooks'
const UNSIGNED = '/rest/webhooks/1.0/webhook'
const install = (more: Record<string, unknown> = {}) =>
  call('POST', SIGNED, {
    body: { name: 'ours', url: `${receiver}/hook`, events: EVENTS, configuration: { SECRET: 'very secret' }, ...more },
  })

describe('webhooks over REST', () => {
  test('Jira 10 keeps them with a secret that it never shows', async () => {
    await start('10.3.5')

    const made = await install()
    const id = String(made.json?.['id'])
    const changed = await call('PUT', `${SIGNED}/${id}`, { body: { name: 'renamed', active: false } })
    const listed = await call('GET', SIGNED)

    expect([made.status, changed.status]).toEqual([201, 200])
    expect(listed.json).toMatchObject([
      { id: Number(id), name: 'renamed', url: `${receiver}/hook`, active: false, events: EVENTS },
    ])
    expect(JSON.stringify(listed.json)).not.toContain('very secret')
    expect((await call('DELETE', `${SIGNED}/${id}`)).status).toBe(204)
    expect((await call('DELETE', `${SIGNED}/${id}`)).status).toBe(404)
    expect((await call('GET', UNSIGNED)).status).toBe(404)
  })

  test('Jira 9 keeps them elsewhere, without a secret', async () => {
    await start('9.12.4')
    const body = { name: 'ours', url: `${receiver}/hook/secret`, events: ['jira:issue_created'], excludeBody: false }

    const made = await call('POST', UNSIGNED, { body })
    jira.world.createIssue({ project: 'SHOP', summary: 'New' })
    await jira.webhooks.settle()

    expect(made.json).toMatchObject({ name: 'ours', enabled: true, self: expect.stringMatching(/\/webhook\/\d+$/) as string })
    expect(received).toMatchObject([{ path: '/hook/secret', json: { webhookEvent: 'jira:issue_created' } }])
    expect(received[0]?.headers['x-hub-signature']).toBeUndefined()
    expect((await call('GET', SIGNED)).status).toBe(404)
  })

  test('only administrators see or change them, and a name and an address are needed', async () => {
    await start('10.3.5')

    expect((await call('GET', SIGNED, { token: 't-ben' })).status).toBe(403)
    expect((await call('GET', SIGNED, { token: 'wrong' })).status).toBe(401)
    expect((await install({ name: '' })).status).toBe(400)
    expect((await install({ url: 'ftp://x' })).status).toBe(400)
  })
})

describe('what Jira sends', () => {
  beforeEach(() => start('10.3.5'))

  test('is signed over its bytes; a secret beside the configuration signs nothing', async () => {
    await install()
    await install({ name: 'unsigned', configuration: {}, secret: 'ignored' })

    jira.world.createIssue({ project: 'SHOP', summary: 'New' })
    await jira.webhooks.settle()

    const signatures = received.map(({ headers }) => headers['x-hub-signature'])
    const expected = createHmac('sha256', 'very secret')
      .update(received[0]?.text ?? '')
      .digest('hex')
    expect(new Set(signatures)).toEqual(new Set([`sha256=${expected}`, undefined]))
    expect(received[0]?.headers['x-atlassian-webhook-identifier']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('a move tells both keys, a deletion the issue, projects themselves', async () => {
    await install()

    const { id, key } = jira.world.moveIssue('SHOP-1', 'PAY')
    await jira.webhooks.settle()
    jira.world.deleteIssue(key)
    await jira.webhooks.settle()
    jira.world.renameProjectKey('SHOP', 'STORE')
    await jira.webhooks.settle()
    jira.world.deleteProject('STORE')
    await jira.webhooks.settle()

    expect(received.map(({ json }) => json)).toMatchObject([
      {
        webhookEvent: 'jira:issue_updated',
        issue_event_type_name: 'issue_moved',
        issue: { id, key: 'PAY-1' },
        changelog: {
          items: [
            { field: 'project', fromString: 'SHOP', toString: 'PAY' },
            { field: 'Key', fromString: 'SHOP-1', toString: 'PAY-1' },
          ],
        },
      },
      { webhookEvent: 'jira:issue_deleted', issue: { id, key: 'PAY-1' } },
      { webhookEvent: 'project_updated', project: { key: 'STORE' } },
      // Its issues go without a word.
      { webhookEvent: 'project_deleted', project: { key: 'STORE' } },
    ])
    expect(jira.world.findIssue('STORE-2')).toBeNull()
  })

  test('a failed delivery is not repeated, and a filter or another event keeps it back', async () => {
    status = 500
    await install()
    await install({ name: 'filtered', configuration: { FILTERS: 'project = PAY' } })
    await install({ name: 'projects', events: ['project_created'] })

    jira.world.createIssue({ project: 'SHOP', summary: 'New' })
    await jira.webhooks.settle()

    expect(jira.webhooks.deliveries).toMatchObject([{ event: 'jira:issue_created', status: 500 }])
  })

  test('a bulk creation sends one each, and tells what it could not create', async () => {
    await install()
    const fields = (project: string, summary: string) => ({
      fields: { project: { key: project }, summary, issuetype: { name: 'Bug' } },
    })

    const answer = await call('POST', '/rest/api/2/issue/bulk', {
      body: { issueUpdates: [fields('SHOP', 'one'), fields('NONE', 'two'), fields('SHOP', 'three')] },
    })
    await jira.webhooks.settle()

    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({ issues: [{ key: 'SHOP-4' }, { key: 'SHOP-5' }], errors: [{ failedElementNumber: 1 }] })
    expect(received.map(({ json }) => (json['issue'] as { key: string }).key).sort()).toEqual(['SHOP-4', 'SHOP-5'])
    expect((await call('DELETE', '/rest/api/2/issue/SHOP-5')).status).toBe(204)
  })
})

test('an id without quotes is an id in a search, with quotes a key; a former key leads to new issues', async () => {
  await start('10.3.5')
  const { id } = jira.world.createIssue({ project: 'SHOP', summary: 'New' })
  const total = async (jql: string) =>
    (await call('POST', '/rest/api/2/search', { body: { jql, validateQuery: false } })).json?.['total']

  expect(await total(`key in (${id}, 999999)`)).toBe(1)
  expect(await total(`id = ${id}`)).toBe(1)
  expect(await total(`key in ("${id}")`)).toBe(0)
  jira.world.renameProjectKey('SHOP', 'STORE')
  const later = jira.world.createIssue({ project: 'STORE', summary: 'Later' })
  expect(jira.world.findIssue(later.key.replace('STORE', 'SHOP'))?.id).toBe(later.id)
})
