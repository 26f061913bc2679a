import { expect, test } from 'vitest'
import { createWriteQueue } from './write-queue.ts'

test('runs one task at a time', async () => {
  const queue = createWriteQueue()
  let active = 0
  let most = 0
  const task = async () => {
    active += 1
    most = Math.max(most, active)
    await new Promise((resolve) => setImmediate(resolve))
    active -= 1
  }

  await Promise.all([queue.run('background', task), queue.run('webhook', task), queue.run('interactive', task)])

  expect(most).toBe(1)
})

test('takes the most urgent first, and equals in order of arrival', async () => {
  const queue = createWriteQueue()
  const order: string[] = []
  const task = (name: string) => async () => void order.push(name)
  const gate = Promise.withResolvers<void>()
  const first = queue.run('background', () => gate.promise)

  const rest = [
    queue.run('background', task('background 1')),
    queue.run('interactive', task('interactive 1')),
    queue.run('webhook', task('webhook 1')),
    queue.run('background', task('background 2')),
    queue.run('webhook', task('webhook 2')),
  ]
  gate.resolve()
  await Promise.all([first, ...rest])

  expect(order).toEqual(['webhook 1', 'webhook 2', 'interactive 1', 'background 1', 'background 2'])
})

test('a webhook that comes during a run of batches is next', async () => {
  const queue = createWriteQueue()
  const order: string[] = []
  const batches = [1, 2, 3].map((number) => queue.run('background', async () => void order.push(`batch ${number}`)))
  await batches[0]

  await queue.run('webhook', async () => void order.push('webhook'))
  await Promise.all(batches)

  expect(order).toEqual(['batch 1', 'webhook', 'batch 2', 'batch 3'])
})

test('webhooks without end do not keep a batch from its turn', async () => {
  const queue = createWriteQueue()
  const order: string[] = []
  const webhooks = Array.from({ length: 36 }, (_, index) =>
    queue.run('webhook', async () => void order.push(`webhook ${index + 1}`)),
  )
  const batches = [1, 2].map((number) => queue.run('background', async () => void order.push(`batch ${number}`)))

  await Promise.all([...webhooks, ...batches])

  expect(order.indexOf('batch 1')).toBeLessThan(order.indexOf('webhook 18'))
  expect(order.indexOf('batch 2')).toBeGreaterThan(order.indexOf('webhook 19'))
})

test('hands results and errors to their callers and goes on', async () => {
  const queue = createWriteQueue()

  const results = await Promise.allSettled([
    queue.run('interactive', () => Promise.resolve(1)),
    queue.run('interactive', () => Promise.reject(new Error('rejected'))),
    queue.run('interactive', () => {
      throw new Error('thrown')
    }),
    queue.run('interactive', () => Promise.resolve(2)),
  ])

  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as Error).message))).toEqual([
    1,
    'rejected',
    'thrown',
    2,
  ])
})

test('is idle when nothing waits or runs', async () => {
  const queue = createWriteQueue()
  const order: string[] = []
  await queue.idle()
  void queue.run('background', async () => void order.push('first'))
  void queue.run('background', async () => void order.push('second'))

  await queue.idle()

  expect(order).toEqual(['first', 'second'])
})

test('lets the event loop turn between two tasks', async () => {
  const queue = createWriteQueue()
  let finished = 0
  let finishedAtTurn = Infinity

  for (let count = 0; count < 50; count++) void queue.run('background', async () => void (finished += 1))
  setImmediate(() => (finishedAtTurn = finished))
  await queue.idle()

  expect(finished).toBe(50)
  expect(finishedAtTurn).toBeLessThan(50)
})

test('is contended from the task that several more urgent ones passed to the one that none did', async () => {
  const queue = createWriteQueue()
  const seen: boolean[] = []
  const batch = () => queue.run('background', async () => void seen.push(queue.isContended()))
  const webhook = () => queue.run('webhook', () => Promise.resolve())

  await batch()
  const first = webhook()
  await Promise.all([first, batch(), webhook(), webhook()])
  await Promise.all([webhook(), batch()])

  expect(seen).toEqual([false, true, false])
})
