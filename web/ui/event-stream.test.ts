import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { follow, followOpenings } from './event-stream.ts'

class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2
  readyState = 1
  constructor() {
    super()
    sources.push(this)
  }
  close() {
    this.readyState = FakeEventSource.CLOSED
  }
  tell(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }))
  }
  refuse() {
    this.readyState = FakeEventSource.CLOSED
    this.dispatchEvent(new Event('error'))
  }
}
let sources: FakeEventSource[] = []
const ends: (() => void)[] = []
const listen = (listener = vi.fn<(event: { readonly id: string }) => void>()) => {
  const end = follow('account-deleted', listener)
  ends.push(end)
  return { listener, end }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', FakeEventSource)
  vi.stubGlobal('document', { baseURI: 'http://127.0.0.1/' })
})
afterEach(() => {
  for (const end of ends.splice(0)) end()
  vi.advanceTimersByTime(60_000)
  sources = []
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('the next page hears what happens while it comes', () => {
  const { end } = listen()
  end()
  const { listener } = listen()
  sources[0]?.tell('account-deleted', { id: 'acme' })

  expect(sources).toHaveLength(1)
  expect(listener).toHaveBeenCalledExactlyOnceWith({ id: 'acme' })
})

test('a connection that nobody wants any more ends, and the next one is another', () => {
  listen().end()
  vi.advanceTimersByTime(10_000)
  expect(sources[0]?.readyState).toBe(FakeEventSource.CLOSED)

  listen()
  expect(sources).toHaveLength(2)
})

test('every beginning is told, once, when the connector says that it listens', () => {
  const opened = vi.fn<() => void>()
  ends.push(followOpenings(opened))
  listen()
  sources[0]?.dispatchEvent(new Event('open'))
  expect(opened).not.toHaveBeenCalled()

  sources[0]?.tell('open', {})
  sources[0]?.tell('open', {})
  expect(opened).toHaveBeenCalledTimes(2)
})

test('a refused connection is tried again, ever later', () => {
  listen()
  sources[0]?.refuse()
  vi.advanceTimersByTime(1_999)
  listen()
  expect(sources).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(sources).toHaveLength(2)

  sources[1]?.refuse()
  vi.advanceTimersByTime(3_999)
  expect(sources).toHaveLength(2)
  vi.advanceTimersByTime(1)
  expect(sources).toHaveLength(3)
})

test('nothing is tried when nobody listens any more', () => {
  const { end } = listen()
  sources[0]?.refuse()
  end()
  vi.advanceTimersByTime(600_000)

  expect(sources).toHaveLength(1)
})
