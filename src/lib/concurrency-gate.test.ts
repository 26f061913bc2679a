import { expect, it } from 'vitest'
import { createConcurrencyGate } from './concurrency-gate.ts'

const never = new AbortController().signal

it('lets no more than the limit run at once, in order, each key apart', async () => {
  const gate = createConcurrencyGate(2)
  const started: number[] = []
  const finish: (() => void)[] = []
  const work = (n: number) => () =>
    new Promise<void>((resolve) => {
      started.push(n)
      finish.push(resolve)
    })
  const all = [1, 2, 3].map((n) => gate.run('a', never, work(n)))
  const other = gate.run('b', never, work(4))
  await Promise.resolve()
  expect(started).toEqual([1, 2, 4])
  finish[0]?.()
  await all[0]
  await new Promise((resolve) => setImmediate(resolve))
  expect(started).toEqual([1, 2, 4, 3])
  finish.forEach((end) => end())
  await Promise.all([...all, other])
})

it('gives up waiting when aborted, and frees its place when the work fails', async () => {
  const gate = createConcurrencyGate(1)
  const abort = new AbortController()
  let end: (error: Error) => void = () => {}
  const first = gate.run('a', never, () => new Promise<void>((_, reject) => (end = reject)))
  const waiting = gate.run('a', abort.signal, () => Promise.resolve())
  abort.abort(new Error('cancelled'))
  await expect(waiting).rejects.toThrow('cancelled')
  end(new Error('failed'))
  await expect(first).rejects.toThrow('failed')
  await expect(gate.run('a', never, () => Promise.resolve('free'))).resolves.toBe('free')
})
