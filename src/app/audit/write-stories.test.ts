import { afterEach, describe, expect, test } from 'vitest'
import { addTriggerRule } from '../../db/stores/trigger-rules.ts'
import { listSyncs } from '../../db/stores/sync-journal.ts'
import { readWrites, type WriteEntry } from '../../db/views/deliveries.ts'
import { ANY } from '../../domain/test-trigger.ts'
import { toPathSecret } from '../../jira/webhook-signature.ts'
import { renewJiraWebhook } from '../jira-events/install-jira-webhook.ts'
import { startSmartStory } from '../smart-commits/test-smart-story.ts'
import { MINUTE_MS } from '../test-clock.ts'
import { JIRA_WEBHOOK_SECRET } from '../test-connector.ts'
import { startStory, type Story } from '../test-story.ts'
import { recordWrites } from './record-writes.ts'
import { replayWrite } from './replay-delivery.ts'

let story: Story
afterEach(() => story.close())

const INFORMATION = ['property', 'link']

/** What is no development information, oldest first. */
async function others(): Promise<WriteEntry[]> {
  const { items } = await readWrites(story.app.db.read, { before: null, limit: 200, state: null })
  return items.filter(({ kind }) => !INFORMATION.includes(kind)).toReversed()
}

const inShort = ({ kind, key, state, status, bytes, syncId }: WriteEntry) => ({ kind, key, state, status, bytes, syncId })

test('what smart commits write is recorded with the synchronisation that met them, without its text', async () => {
  const s = await startSmartStory()
  story = s
  await s.pushAndSync(['SHOP-1 #comment very private words\nSHOP-1 #time 2h\nSHOP-1 #resolve'])
  const [sync] = await listSyncs(s.app.db.read, (await s.stored(s.shop)).id, { before: null, limit: 1 })
  const syncId = Number(sync?.id)

  const recorded = await others()

  expect(s.comments('SHOP-1')[0]).toBe('very private words')
  expect(recorded.map(inShort)).toEqual([
    { kind: 'comment', key: 'SHOP-1', state: 'done', status: 201, bytes: expect.any(Number), syncId },
    { kind: 'worklog', key: 'SHOP-1', state: 'done', status: 201, bytes: expect.any(Number), syncId },
    { kind: 'transition', key: 'SHOP-1', state: 'done', status: 204, bytes: null, syncId },
    // It says whose the transition is.
    { kind: 'comment', key: 'SHOP-1', state: 'done', status: 201, bytes: expect.any(Number), syncId },
  ])
  const sizes = s.bodies('SHOP-1').map((text) => Buffer.byteLength(text))
  expect([recorded[0]?.bytes, recorded[3]?.bytes]).toEqual(sizes)
  expect(recorded[0]?.repositoryId).toBe((await s.stored(s.shop)).id)
  const rows = await s.app.db.read.selectFrom('jira_writes').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain('private')
})

test('each try is recorded, also the one that failed', async () => {
  const s = await startSmartStory()
  story = s
  s.jira.setFault('unavailable', { only: /comment/, times: 1 })
  await s.pushAndSync(['SHOP-1 #comment one'])
  s.clock.advance(10 * MINUTE_MS)
  await s.settle()

  expect(s.comments('SHOP-1')).toEqual(['one'])
  expect(await others()).toMatchObject([
    { kind: 'comment', state: 'failed', status: null, error: { code: 'jira-unavailable' } },
    { kind: 'comment', state: 'done', status: 201, error: null },
  ])
})

test('what rules write is recorded with the synchronisation that met the event', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  await s.sweep()
  const issue = s.jira.world.findIssue('SHOP-2')
  if (issue !== null) issue.status = 'To Do'
  await s.app.db.write('interactive', (tx) =>
    addTriggerRule(tx, {
      name: 'Merged',
      enabled: true,
      event: 'pull-request-merged',
      conditions: ANY,
      transition: 'Done',
      comment: 'It is merged.',
      changedBy: 'admin',
      changedAt: s.clock.now(),
    }),
  )
  s.clock.advance(10 * MINUTE_MS)
  await s.push(shop, 'topic', ['work'])
  const request = await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'SHOP-2', sourceBranch: 'topic' })
  await s.sync(shop)
  await s.gitlab.mergeMergeRequest(request, { by: s.maintainer })
  await s.sync(shop)
  const [sync] = await listSyncs(s.app.db.read, (await s.stored(shop)).id, { before: null, limit: 1 })
  const syncId = Number(sync?.id)

  expect((await others()).map(inShort)).toEqual([
    { kind: 'transition', key: 'SHOP-2', state: 'done', status: 204, bytes: null, syncId },
    { kind: 'comment', key: 'SHOP-2', state: 'done', status: 201, bytes: 13, syncId },
  ])
})

describe.each(['9.12.4', '10.3.5'])('Jira %s', (version) => {
  test('its webhook is recorded without the secret, made, refused and removed', async () => {
    const s = (story = await startStory({ jiraEvents: { webhooks: 'auto' }, jiraOptions: { version } }))
    const { jira } = s.app
    if (jira === null) throw new Error('no Jira')
    const renew = async (webhooks: 'auto' | 'off') => {
      const connection = { ...jira, events: { ...jira.events, webhooks, installation: { saved: false } } }
      await renewJiraWebhook(s.app, connection, AbortSignal.timeout(20_000))
    }
    s.jira.setFault('unavailable', { only: /webhooks?\/\d+$/, times: 1 })
    await renew('auto')
    await renew('off')

    const recorded = await others()
    expect(recorded.map(({ kind, key, jiraId, state, error }) => [kind, key, jiraId, state, error?.code ?? null])).toEqual([
      ['webhook', null, null, 'done', null],
      ['webhook', null, null, 'failed', 'jira-unavailable'],
      ['webhook-deletion', null, null, 'done', null],
    ])
    const rows = JSON.stringify(await s.app.db.read.selectFrom('jira_writes').selectAll().execute())
    expect(rows).not.toContain(JIRA_WEBHOOK_SECRET)
    expect(rows).not.toContain(toPathSecret(JIRA_WEBHOOK_SECRET))
  })
})

test('a comment is not written again from the journal', async () => {
  const s = await startSmartStory()
  story = s
  await s.pushAndSync(['SHOP-1 #comment one'])
  const [comment] = await others()

  await expect(replayWrite(s.app, comment?.id ?? 0)).rejects.toMatchObject({ code: 'delivery-not-replayable' })
  await s.settle()

  expect(s.comments('SHOP-1')).toEqual(['one'])
})

test('a write during which the connector stops is recorded as one that Jira may have done', async () => {
  const s = (story = await startStory())
  const { jira } = s.app
  if (jira === null) throw new Error('no Jira')
  const stop = new AbortController()
  const issue = { id: s.jira.world.findIssue('SHOP-1')?.id ?? '', key: 'SHOP-1' }
  const { actions } = recordWrites(s.app, {
    client: { ...jira.client, actions: { ...jira.client.actions, addComment: () => stopped(stop) } },
    syncId: 7,
  })

  await expect(actions.addComment(issue, 'x', stop.signal)).rejects.toThrow('stopped')

  expect(await others()).toMatchObject([{ kind: 'comment', state: 'failed', syncId: 7, error: { code: 'job-interrupted' } }])
})

function stopped(stop: AbortController): Promise<never> {
  stop.abort(new Error('stopped'))
  return Promise.reject(stop.signal.reason as Error)
}
