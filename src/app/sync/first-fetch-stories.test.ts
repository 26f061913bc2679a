import { hash } from 'node:crypto'
import { createServer, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fastImport, type ImportedEntry } from '../../sandbox/fast-import.ts'
import { cancelRepositorySync } from '../repositories/change-repository.ts'
import { startStory, type Story } from '../test-story.ts'

const COMMITS = 4_000
const FIRST_AT = Date.UTC(2026, 0, 1)
/** Enough for a batch, and not all. */
const HALF_BYTES = 1_800_000
/** Text that does not become smaller, so that the pack is large. */
const noise = (seed: string) => Array.from({ length: 20 }, (_, line) => hash('sha256', `${seed} ${line}`, 'base64')).join('\n')
const MESSAGES = Array.from({ length: COMMITS }, (_, index) => `SHOP-${1 + (index % 20)} change ${index}\n\n${noise(`${index}`)}`)
const TITLES = MESSAGES.map((message) => message.slice(0, message.indexOf('\n'))).toSorted()

/** Stands before GitLab's Git and stops in the middle of an answer when told. */
interface Gate {
  readonly url: string
  target: string
  stopAfter: number
  /** The answer that waits. */
  held: { release(): void; destroy(): void } | null
  close(): Promise<void>
}

async function startGate(): Promise<Gate> {
  const gate = { url: '', target: '', stopAfter: Number.POSITIVE_INFINITY, held: null } as {
    -readonly [K in keyof Gate]: Gate[K]
  }
  const server: Server = createServer((incoming, response) => {
    const { method, headers } = incoming
    const onward = request(new URL(incoming.url ?? '/', gate.target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        response.write(chunk)
        bytes += chunk.length
        if (bytes < gate.stopAfter || gate.held !== null) return
        answer.pause()
        gate.held = { release: () => answer.resume(), destroy: () => destroy(response) }
      })
      answer.once('end', () => response.end())
    })
    response.once('close', () => onward.destroy())
    onward.on('error', () => destroy(response))
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  gate.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  gate.close = () =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return gate
}

const destroy = (response: ServerResponse) => response.socket?.destroy()

let gate: Gate
let story: Story
beforeEach(async () => {
  gate = await startGate()
  story = await startStory({ account: { gitUrl: gate.url }, jira: false })
  gate.target = story.gitlab.url
})
afterEach(async () => {
  await story.close()
  await gate.close()
})

const toEntry = (message: string, index: number): ImportedEntry => ({
  kind: 'commit',
  ref: 'refs/heads/main',
  mark: index + 1,
  parents: index === 0 ? [] : [index],
  author: { name: 'Ann Ember', email: 'ann@example.com' },
  authoredAt: new Date(FIRST_AT + index * 1_000),
  message,
})

/** A first import that hangs in the middle of its fetch, with some of it stored. */
async function importHalf() {
  const shop = await story.project('shop')
  await fastImport({ folder: shop.folder, env: process.env, entries: MESSAGES.map(toEntry) })
  await story.gitlab.noticePush(shop, story.maintainer)
  gate.stopAfter = HALF_BYTES
  const sweeping = story.sweep()
  await vi.waitFor(async () => expect(await story.commits(shop)).not.toHaveLength(0), { timeout: 30_000, interval: 100 })
  return { shop, sweeping, stored: await story.stored(shop) }
}

test('a first history is stored while it is fetched', { timeout: 120_000 }, async () => {
  const { shop, sweeping, stored } = await importHalf()
  expect(stored).toMatchObject({ historyComplete: false, sync: { state: 'running' } })
  expect((await story.commits(shop)).length).toBeLessThan(COMMITS)

  gate.held?.release()
  await sweeping

  expect(await story.commits(shop)).toEqual(TITLES)
  expect(await story.stored(shop)).toMatchObject({
    historyComplete: true,
    generation: 1,
    sync: { state: 'idle', error: null, progress: { commits: COMMITS, branches: 1, issues: 20 } },
  })
})

test('a fetch that breaks off in the middle is begun anew, and every commit is there once', { timeout: 120_000 }, async () => {
  const { shop, sweeping } = await importHalf()
  gate.stopAfter = Number.POSITIVE_INFINITY

  gate.held?.destroy()
  await sweeping
  expect((await story.stored(shop)).sync).toMatchObject({ state: 'retrying', error: { code: 'host-unavailable' } })

  await story.sync(shop)
  expect(await story.commits(shop)).toEqual(TITLES)
  expect(await story.stored(shop)).toMatchObject({ historyComplete: true, sync: { state: 'idle', error: null } })
})

test('a first import is cancelled in the middle of its fetch', { timeout: 120_000 }, async () => {
  const { shop, sweeping, stored } = await importHalf()
  gate.stopAfter = Number.POSITIVE_INFINITY

  await cancelRepositorySync(story.app, stored.id, () => undefined)
  story.clock.advance(1_000)
  await sweeping
  expect((await story.stored(shop)).sync).toMatchObject({ state: 'idle', error: { code: 'cancelled' } })

  await story.sync(shop)
  expect(await story.commits(shop)).toEqual(TITLES)
})
