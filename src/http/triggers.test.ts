import { afterEach, beforeEach, expect, test } from 'vitest'
import { problemSchema } from '../contract/problem.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const TOKEN = 'pat-of-the-connector'
const USERS = [{ name: 'connector', displayName: 'Connector', emailAddress: 'c@example.com', tokens: [{ token: TOKEN }] }]

let t: TestHttpApp
let jira: SandboxJira
beforeEach(async () => {
  jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users: USERS })
  jira.world.addProject({ key: 'SHOP', name: 'Shop' })
  t = await startTestHttpApp()
  expect((await t.send('PUT', '/api/v1/jira', { body: { url: jira.url, token: TOKEN } })).status).toBe(200)
})
afterEach(async () => {
  await t.dispose()
  await jira.close()
})

const RULE = { name: 'Done', event: 'pull-request-merged', transition: 'Done' }

test.each<[string, string, Record<string, unknown>]>([
  ['transition', 'neither moves', { transition: null, comment: null }],
  ['comment', '${nothing}', { comment: '${title} ${nothing}' }],
  ['conditions.accounts.0', 'no account "gone"', { conditions: { accounts: ['gone'] } }],
  ['conditions.jql', 'not in pairs', { conditions: { jql: 'labels = x) or (1 = 1' } }],
  ['conditions.jql', 'does not understand', { conditions: { jql: 'lables ==' } }],
])('a rule that cannot be used names its field %s, when it is tried, added and changed', async (field, message, more) => {
  const added = await t.send('POST', '/api/v1/triggers', { body: RULE })
  const { id } = added.json() as { id: string }
  const body = { ...RULE, ...more }

  const answers = [
    await t.send('POST', '/api/v1/triggers/dry-run', { body }),
    await t.send('POST', '/api/v1/triggers', { body }),
    await t.send('PUT', `/api/v1/triggers/${id}`, { body }),
  ]

  for (const answer of answers) {
    expect(answer.status).toBe(422)
    const { code, detail, errors } = problemSchema.parse(answer.json())
    expect(code).toBe('trigger-invalid')
    expect(errors).toEqual([{ in: 'body', field, message: expect.stringContaining(message) as unknown }])
    expect(detail).toContain(errors?.[0]?.message)
  }
})
