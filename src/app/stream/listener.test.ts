import { expect, test } from 'vitest'
import type { FeedEvent } from './feed-event.ts'
import { createListener } from './listener.ts'

const event = { id: '1-0-0' } as FeedEvent

test('a listener that does not read is given up instead of filling the memory', async () => {
  const listener = createListener(new AbortController().signal)
  for (let round = 0; round < 5; round += 1) listener.push(Array.from({ length: 1_000 }, () => event))

  await expect(listener.events()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'listener-too-slow' })
})

test('it ends with its signal, also one that was aborted before', async () => {
  const listener = createListener(AbortSignal.abort())

  expect(await listener.events()[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
})
