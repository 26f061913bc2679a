import { afterEach, expect, test } from 'vitest'
import type { Database } from '../../db/database.ts'
import { saveListedRepository, findRepositoryByHostId } from '../../db/stores/repositories.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { accountId, hostId, sha } from '../../domain/ids.ts'
import { MAX_KEYS_PER_TEXT } from '../../domain/issue-keys.ts'
import { createTestClock } from '../test-clock.ts'
import { createTestConnector, toAccountSettings, type TestConnector } from '../test-connector.ts'
import type { HistorySource, ReadCommit } from './history-source.ts'
import { createEventRecorder } from '../triggers/event-recorder.ts'
import { importCommits } from './import-commits.ts'
import { emptyHistory } from './no-history.ts'
import { createProgressReport } from './sync-run.ts'

let connector: TestConnector
afterEach(() => connector.close())

const acme = accountId('acme')
const COMMITS = 100

/** One batch, as Git gives it, of commits that each name as many issues as count. */
const hostileBatch: readonly ReadCommit[] = Array.from({ length: COMMITS }, (_, index) => ({
  sha: sha(index.toString(16).padStart(40, '0')),
  parentCount: 1,
  authorName: 'Ann',
  authorEmail: '',
  authoredAt: index,
  authorOffsetMinutes: 0,
  committedAt: index,
  message: Array.from({ length: MAX_KEYS_PER_TEXT }, (_key, number) => `SHOP-${index * MAX_KEYS_PER_TEXT + number + 1}`).join(
    ' ',
  ),
}))

async function startRun() {
  const settings = toAccountSettings('acme', { url: 'http://gitlab.test', owner: 'acme' })
  connector = await createTestConnector({ clock: createTestClock(), accounts: [{ settings, token: 't' }], jira: null })
  const { app } = connector
  const listed = {
    hostId: hostId('1'),
    path: 'acme/shop',
    webUrl: 'http://gitlab.test/acme/shop',
    defaultBranch: 'main',
    lastActivityAt: null,
    archived: false,
  }
  const features = {
    empty: false,
    gitEnabled: true,
    pullRequestsEnabled: true,
    forkOf: null,
    arriving: false,
    deletionScheduled: false,
  }
  await app.db.write('background', (tx) =>
    saveListedRepository(tx, { ...listed, ...features }, { accountId: acme, linked: true, smartCommits: true }),
  )
  const repository = await findRepositoryByHostId(app.db.read, acme, listed.hostId)
  const account = await findAccount(app.db.read, acme)
  if (repository === null || account === null) throw new Error('not stored')
  const stored: number[] = []
  const db: Database = {
    ...app.db,
    async write(priority, work) {
      const result = await app.db.write(priority, work)
      const { n } = await app.db.read
        .selectFrom('commit_keys')
        .select((e) => e.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      stored.push(n)
      return result
    },
  }
  const connection = await app.connections.get(acme)
  const progress = createProgressReport(app, repository)
  const events = await createEventRecorder(app, { repository, entry: 1, isNews: true })
  return {
    run: {
      app: { ...app, db },
      entry: 1,
      account,
      repository,
      connection,
      full: false,
      restored: false,
      relinked: false,
      rules: app.settings.issueKeys,
      signal: connector.signal,
      progress,
      events,
    },
    stored,
  }
}

test('commits with hundreds of keys are stored in transactions of bounded size', async () => {
  const { run, stored } = await startRun()
  const history: HistorySource = {
    ...emptyHistory([]),
    async *readCommits() {
      yield hostileBatch
    },
  }

  await importCommits(run, { history, range: { include: 'all', exclude: [] }, generation: 1, rekey: false })

  const growth = stored.map((count, index) => count - (stored[index - 1] ?? 0))
  expect(stored.at(-1)).toBe(COMMITS * MAX_KEYS_PER_TEXT)
  expect(Math.max(...growth)).toBeLessThanOrEqual(20_000 + MAX_KEYS_PER_TEXT)
})
