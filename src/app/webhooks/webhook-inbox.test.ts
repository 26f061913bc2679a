import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../db/database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../../db/test-database.ts'
import type { ReceivedWebhook } from '../../db/stores/webhook-deliveries.ts'
import { accountId, hostId } from '../../domain/ids.ts'
import type { JobQueue, JobRequest } from '../../jobs/job-queue.ts'
import { createWebhookInbox, type WebhookInbox } from './webhook-inbox.ts'

describe.each(KINDS)('the inbox of webhooks on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let transactions: number
  let requests: JobRequest[]
  let inbox: WebhookInbox

  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    transactions = 0
    requests = []
    const counted: Database = {
      ...db,
      write(priority, work) {
        transactions += 1
        return db.write(priority, work)
      },
    }
    const jobs = {
      add: (_tx: unknown, request: JobRequest) => Promise.resolve(void requests.push(request)),
    } as unknown as JobQueue
    inbox = createWebhookInbox({ db: counted, jobs })
  })
  afterEach(() => place.remove())

  const webhook = (deliveryId: string, more: Partial<ReceivedWebhook> = {}): ReceivedWebhook => ({
    accountId: accountId('acme'),
    deliveryId,
    event: 'Push Hook',
    receivedAt: 5,
    body: '{}',
    headers: {},
    reading: { hint: { kind: 'repository', repository: hostId('501') } },
    ...more,
  })
  const stored = async () => {
    const rows = await db.read
      .selectFrom('webhook_deliveries')
      .select(['account_id', 'delivery_id', 'state'])
      .orderBy('id')
      .execute()
    return rows.map((row) => `${row.account_id} ${row.delivery_id} ${row.state}`)
  }

  test('what comes together is stored in one transaction, with one job for all of them', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, number) => inbox.store(webhook(`d-${number}`))))

    expect(new Set(answers).size).toBe(200)
    expect(answers).not.toContain(null)
    expect(transactions).toBe(1)
    expect(requests.map(({ name }) => name)).toEqual(['process-webhooks'])
    expect(await stored()).toHaveLength(200)
  })

  test('what comes while the disk is busy is the next transaction', async () => {
    const first = inbox.store(webhook('first'))
    await new Promise((resolve) => setImmediate(resolve))
    const later = ['a', 'b', 'c'].map((id) => inbox.store(webhook(id)))

    await Promise.all([first, ...later])

    expect(transactions).toBe(2)
  })

  test('a repeated delivery is a duplicate, in one transaction and in another; of another account it is none', async () => {
    const together = await Promise.all([
      inbox.store(webhook('same', { body: '{"first":1}' })),
      inbox.store(webhook('same')),
      inbox.store(webhook('same', { accountId: accountId('beta') })),
    ])
    const later = await inbox.store(webhook('same'))

    expect([...together, later]).toEqual([expect.any(Number), null, expect.any(Number), null])
    const rows = await db.read.selectFrom('webhook_payloads').select('body').orderBy('webhook_id').execute()
    expect(rows.map(({ body }) => body)).toEqual(['{"first":1}', '{}'])
    expect(requests.map(({ name }) => name)).toEqual(['process-webhooks', 'process-webhooks'])
  })

  test('one that the database refuses keeps no other from it', async () => {
    const broken = webhook('broken', { event: null as unknown as string })

    const answers = await Promise.allSettled([inbox.store(webhook('a')), inbox.store(broken), inbox.store(webhook('b'))])

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await stored()).toEqual(['acme a pending', 'acme b pending'])
  })

  test('what cannot be read is kept for people, as dead', async () => {
    const problem = { code: 'unexpected-answer', message: 'No project.', remedy: null }

    await inbox.store(webhook('odd', { reading: { problem } }))

    expect(await stored()).toEqual(['acme odd dead'])
  })

  test('a database that cannot be written rejects all, and the next try succeeds', async () => {
    await db.write('interactive', (tx) => tx.schema.alterTable('webhook_deliveries').renameTo('away').execute())
    const answers = await Promise.allSettled([inbox.store(webhook('a')), inbox.store(webhook('b'))])
    await db.write('interactive', (tx) => tx.schema.alterTable('away').renameTo('webhook_deliveries').execute())

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await inbox.store(webhook('a'))).toEqual(expect.any(Number))
  })
})
