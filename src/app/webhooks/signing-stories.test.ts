import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { accountId } from '../../domain/ids.ts'
import { toPlainToken } from '../../hosts/gitlab/webhook.ts'
import type { Project } from '../../sandbox/gitlab/model.ts'
import { HOUR_MS } from '../test-clock.ts'
import { receiveWebhook } from './receive-webhook.ts'
import { startReachableStory, type ReachableStory } from './test-receiver.ts'

// Many real pushes each: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 120_000 })

let story: ReachableStory
afterEach(() => story.close())

const acme = accountId('acme')
let sent = 0

/** As somebody does who has found the token in a log. */
async function sendByToken(project: Project | null) {
  const [secret = ''] = await story.app.connections.webhookSecrets(acme, story.clock.now())
  const body = { object_kind: 'push', ...(project === null ? {} : { project_id: project.id, project: { id: project.id } }) }
  return receiveWebhook(story.app, {
    accountId: acme,
    headers: { 'x-gitlab-token': toPlainToken(secret), 'x-gitlab-event': 'Push Hook', 'idempotency-key': `mine-${(sent += 1)}` },
    body: Buffer.from(JSON.stringify(body)),
  })
}

/** As when the feature is switched off in GitLab. */
async function forgetSigningToken(project: Project): Promise<void> {
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { 'private-token': story.token.value, 'content-type': 'application/json' }
    return fetch(`${story.gitlab.url}/api/v4/projects/${project.id}/hooks${path}`, { ...init, headers })
  }
  const [hook] = z.array(z.object({ id: z.number() })).parse(await (await call('')).json())
  await call(`/${hook?.id}`, { method: 'PUT', body: JSON.stringify({ signing_token: '' }) })
}

async function push(project: Project) {
  await story.push(project, `b${(sent += 1)}`, ['pushed'])
  await story.gitlab.settle()
}

test('once a hook has signed, a token alone is refused, also after a restart; of others of the account it is not', async () => {
  story = await startReachableStory({ account: { webhooks: 'project' }, jira: false })
  const signing = await story.project('signing', ['begin'])
  await story.sweep()
  story.gitlab.features.signingTokens = false
  const plain = await story.project('plain', ['begin'])
  await story.sweep()

  expect(await sendByToken(signing)).toBe('stored')
  await push(signing)
  await push(plain)

  expect(story.answers).toEqual(['stored', 'stored'])
  // Nothing of it is kept in memory: the database alone decides.
  expect(await story.app.db.read.selectFrom('webhook_signers').selectAll().execute()).toEqual([
    { account_id: 'acme', source: String(signing.id) },
  ])
  expect(await sendByToken(signing)).toBe('refused')
  expect(await sendByToken(plain)).toBe('stored')
})

test('a hook of the group that has signed counts for every repository', async () => {
  story = await startReachableStory({
    account: { webhooks: 'group' },
    jira: false,
    gitlab: { features: { tier: 'premium' } },
  })
  story.gitlab.addMember(story.acme, story.maintainer, 'owner')
  const shop = await story.project('shop', ['begin'])
  const other = await story.project('other', ['begin'])
  await story.sweep()

  await push(shop)

  expect([await sendByToken(shop), await sendByToken(other), await sendByToken(null)]).toEqual(['refused', 'refused', 'refused'])
})

test('when GitLab does not sign any more, the hook is written again and its token counts', async () => {
  story = await startReachableStory({ account: { webhooks: 'project' }, jira: false })
  const shop = await story.project('shop', ['begin'])
  await story.sweep()
  await push(shop)
  await forgetSigningToken(shop)
  story.gitlab.features.signingTokens = false
  await push(shop)
  expect(story.answers).toEqual(['stored', 'refused'])

  story.clock.advance(HOUR_MS)
  await story.sweep()
  await push(shop)

  expect(story.answers.at(-1)).toBe('stored')
})
