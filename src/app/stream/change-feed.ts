import { readAccount } from '../../db/views/accounts.ts'
import { listBusyRepositories, readAccountMarks, readNewestDeliveries, readRepositoryMarks } from '../../db/views/changes.ts'
import { readWebhooksAfter, readWritesAfter, type WebhookEntry, type WriteEntry } from '../../db/views/deliveries.ts'
import { readRepository } from '../../db/views/repositories.ts'
import type { AccountId, RepositoryId } from '../../domain/ids.ts'
import type { Repository } from '../../domain/repository.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { createDeliveryWatch, type DeliveryWatch } from './delivery-watch.ts'
import type { Change, FeedEvent } from './feed-event.ts'
import { createListener, type Listener } from './listener.ts'
import { formatPosition, parsePosition, type Position } from './position.ts'

/**
 * What changes, on whatever node it happens. The database is looked at once a second while somebody listens, and not at
 * all when nobody does: notifications of PostgreSQL would tell sooner, but SQLite has none.
 */
export interface ChangeFeed {
  /**
   * The state of what is busy, then changes as they come, until the signal aborts, which ends it normally.
   *
   * @param options `onBegun`: is called when changes count: what is read from then on, and then told of, lacks nothing
   * @throws ConnectorError `too-many-listeners`, `listener-too-slow`
   */
  listen(options: {
    readonly after: string | null
    readonly signal: AbortSignal
    readonly onBegun?: () => Promise<void>
  }): AsyncIterable<FeedEvent>
}

const POLL_MS = 1_000
const MAX_LISTENERS = 100
/** Of each kind and look; more of them within a second are in the lists. */
const MAX_DELIVERIES = 500
const MAX_REPOSITORIES = 1_000
/** Clocks of nodes differ. */
const CLOCK_SKEW_MS = 5_000

type FeedContext = Pick<AppContext, 'db' | 'clock' | 'log'>

export function createChangeFeed(app: FeedContext): ChangeFeed {
  const listeners = new Set<Listener>()
  /** What the listeners were told last; null: nobody listens. */
  let watch: Promise<Watch> | null = null
  let polling: Promise<void> | null = null
  let sleeping = new AbortController()

  async function poll({ look }: Watch): Promise<void> {
    while (listeners.size > 0) {
      sleeping = new AbortController()
      await app.clock.sleep(POLL_MS, sleeping.signal).catch(() => undefined)
      if (listeners.size === 0) break
      try {
        const events = await look()
        for (const listener of listeners) listener.push(events)
      } catch (error) {
        // What changed meanwhile is told by the next look that succeeds.
        app.log.warn({ error: String(error) }, 'could not look for changes')
      }
    }
    watch = null
    polling = null
  }

  /** First of all the state from which changes count: what happens after it is missed by nobody. */
  async function begin(): Promise<void> {
    watch ??= createWatch(app)
    try {
      const begun = await watch
      polling ??= poll(begun)
    } catch (error) {
      watch = null
      throw error
    }
  }

  return {
    async *listen({ after, signal, onBegun }) {
      if (listeners.size >= MAX_LISTENERS) throw tooManyListeners()
      const listener = createListener(signal)
      listeners.add(listener)
      try {
        await begin()
        await onBegun?.()
        yield* await readMissed(app, after === null ? null : parsePosition(after))
        yield* listener.events()
      } finally {
        listeners.delete(listener)
        listener.close()
        if (listeners.size === 0) sleeping.abort()
      }
    },
  }
}

interface Watch {
  /** What changed since the last look. */
  look(): Promise<FeedEvent[]>
}

async function createWatch({ db, clock }: FeedContext): Promise<Watch> {
  const now = () => clock.now().getTime()
  const [first, newest] = await Promise.all([readRepositoryMarks(db.read), readNewestDeliveries(db.read)])
  let marks = first
  let accountMarks = await readAccountMarks(db.read)
  const webhooks: DeliveryWatch<WebhookEntry> = createDeliveryWatch({
    newest: newest.webhook,
    now,
    isOver: ({ state }) => state !== 'pending' && state !== 'failed',
  })
  const writes: DeliveryWatch<WriteEntry> = createDeliveryWatch({ newest: newest.write, now, isOver: () => true })
  const position: { -readonly [Name in keyof Position]: number } = { at: now(), ...newest }

  return {
    async look() {
      const at = now()
      const [nextMarks, nextWebhooks, nextWrites] = await Promise.all([
        readRepositoryMarks(db.read),
        readWebhooksAfter(db.read, webhooks.floor(), MAX_DELIVERIES),
        readWritesAfter(db.read, writes.floor(), MAX_DELIVERIES),
      ])
      const changed = [...nextMarks].filter(([id, mark]) => marks.get(id) !== mark).map(([id]) => id)
      const repositories = await readRepositories({ db }, changed.slice(0, MAX_REPOSITORIES))
      marks = nextMarks
      const nextAccountMarks = await readAccountMarks(db.read)
      const accounts = await readChangedAccounts({ db }, accountMarks, nextAccountMarks)
      accountMarks = nextAccountMarks
      Object.assign(position, {
        at,
        webhook: Math.max(position.webhook, ...nextWebhooks.map(({ id }) => id)),
        write: Math.max(position.write, ...nextWrites.map(({ id }) => id)),
      })
      const changes = toChanges({ repositories, webhooks: webhooks.take(nextWebhooks), writes: writes.take(nextWrites) })
      const id = formatPosition(position)
      return [...accounts, ...changes].map((change) => ({ id, change }))
    },
  }
}

/** Those that are gone are told by their id. */
async function readChangedAccounts(
  { db }: Pick<FeedContext, 'db'>,
  before: ReadonlyMap<AccountId, string>,
  after: ReadonlyMap<AccountId, string>,
): Promise<Change[]> {
  const changed = [...after].filter(([id, mark]) => before.get(id) !== mark).map(([id]) => id)
  const found = await Promise.all(changed.map((id) => readAccount(db.read, id)))
  const gone = [...before.keys()].filter((id) => !after.has(id))
  return [
    ...found.flatMap((account) => (account === null ? [] : [{ kind: 'account' as const, account }])),
    ...gone.map((id) => ({ kind: 'account-gone' as const, id })),
  ]
}

/** What a listener is told at first: all that is busy now and, when it comes back, what happened meanwhile. */
async function readMissed(app: FeedContext, position: Position | null): Promise<FeedEvent[]> {
  const { db, clock } = app
  const now = clock.now().getTime()
  const [newest, busy, webhooks, writes] = await Promise.all([
    readNewestDeliveries(db.read),
    listBusyRepositories(db.read, { since: new Date((position?.at ?? now) - CLOCK_SKEW_MS), limit: MAX_REPOSITORIES }),
    position === null ? [] : readWebhooksAfter(db.read, position.webhook, MAX_DELIVERIES),
    position === null ? [] : readWritesAfter(db.read, position.write, MAX_DELIVERIES),
  ])
  const repositories = await readRepositories(app, busy)
  const id = formatPosition(position ?? { at: now, ...newest })
  return toChanges({ repositories, webhooks, writes }).map((change) => ({ id, change }))
}

async function readRepositories({ db }: Pick<FeedContext, 'db'>, ids: readonly RepositoryId[]): Promise<Repository[]> {
  const found = await Promise.all(ids.map((id) => readRepository(db.read, id)))
  return found.filter((repository) => repository !== null)
}

function toChanges(found: {
  repositories: readonly Repository[]
  webhooks: readonly WebhookEntry[]
  writes: readonly WriteEntry[]
}): Change[] {
  return [
    ...found.webhooks.map((webhook) => ({ kind: 'webhook' as const, webhook })),
    ...found.repositories.map((repository) => ({ kind: 'repository' as const, repository })),
    ...found.writes.map((write) => ({ kind: 'write' as const, write })),
  ]
}

function tooManyListeners(): ConnectorError {
  return new ConnectorError('too-many-listeners', {
    userMessage: `${MAX_LISTENERS} listeners follow the stream of this node already.`,
    remedy: 'Close some of them.',
    retryable: true,
  })
}
