import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toCommandFingerprints, toWholeFingerprint } from '../../app/smart-commits/smart-commit-fingerprint.ts'
import { issueKey } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { MIGRATIONS } from '../migrate.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'

const author = { name: 'Ann Ember', email: 'Ann@Example.com' }
const authoredAt = new Date(1_770_000_000_000)
const commands = ['2h', '2h', 'x'].map((argument) => ({ key: issueKey('SHOP-1'), name: 'time', argument }))
const lines = commands.map(({ argument }) => `SHOP-1 #time ${argument}`).join('\n')
const whole = toWholeFingerprint({ author, authoredAt, lines })

describe.each(KINDS)('on %s', (kind) => {
  let place: TestPlace
  beforeEach(async () => {
    place = await createTestPlace(kind)
  })
  afterEach(() => place.remove())

  const addCommit = (db: Database, sha: string, email: string | null) =>
    db.write('background', async (tx) => {
      const values = { repository_id: 7, sha, author_name: author.name, author_email: email, authored_at: authoredAt.getTime() }
      const more = {
        offset_minutes: 0,
        lines,
        fingerprint: `${whole}${email === null ? '-' : ''}`,
        state: 'done',
        recorded_at: 1,
      }
      const { id } = await tx
        .insertInto('smart_commits')
        .values({ ...values, ...more, state: 'done' })
        .returning('id')
        .executeTakeFirstOrThrow()
      for (const [position, { key, name, argument }] of commands.entries())
        await tx
          .insertInto('smart_commit_actions')
          .values({ smart_commit_id: id, position, issue_key: key, name, argument, state: 'done' })
          .execute()
      await sql`insert into smart_commit_fingerprints (fingerprint, repository_id, sha, claimed_at)
        values (${more.fingerprint}, 7, ${sha}, 5)`.execute(tx)
    })

  test('commits that are recorded hold their commands from now on; of others the whole fingerprint stays', async () => {
    const before = place.open(MIGRATIONS.filter(({ name }) => name < '0016'))
    await before.migrate()
    await addCommit(before, 'a1', author.email)
    await addCommit(before, 'b2', null)
    await before.write('background', (tx) =>
      sql`insert into smart_commit_fingerprints (fingerprint, repository_id, sha, claimed_at) values ('pruned', 7, 'c3', 5)`.execute(
        tx,
      ),
    )
    const db = place.open()

    await db.migrate()

    const rows = await db.read.selectFrom('smart_commit_fingerprints').selectAll().execute()
    const expected = (sha: string, email: string | null) =>
      toCommandFingerprints({ author: { ...author, email }, authoredAt }, commands).map((fingerprint, position) => ({
        fingerprint,
        repository_id: 7,
        sha,
        position,
        history: 0,
        claimed_at: 5,
      }))
    const pruned = { fingerprint: 'pruned', repository_id: 7, sha: 'c3', position: null, history: 0, claimed_at: 5 }
    const inOrder = (list: readonly { fingerprint: string }[]) =>
      list.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    expect(inOrder(rows)).toEqual(inOrder([...expected('a1', author.email), ...expected('b2', null), pruned]))
    expect(new Set(rows.map(({ fingerprint }) => fingerprint)).size).toBe(7)
  })
})
