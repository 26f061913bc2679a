import { createHash } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** Fingerprints of single commands instead of whole commits, and fencing of what rules do. */
export const commandsOnce: SchemaMigration = {
  name: '0019-commands-once',
  breaking: false,
  async up(db) {
    const table = 'smart_commit_fingerprints'
    await db.schema.alterTable(table).addColumn('position', 'bigint').execute()
    await db.schema
      .alterTable(table)
      .addColumn('history', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.createIndex('smart_commit_fingerprints_commit').on(table).columns(['repository_id', 'sha']).execute()
    await db.schema
      .alterTable('trigger_runs')
      .addColumn('attempt', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await splitFingerprints(db)
  },
}

const COMMITS_PER_PAGE = 200

interface Holder {
  readonly id: number
  readonly repository_id: number
  readonly sha: string
  readonly author_name: string
  readonly author_email: string | null
  readonly authored_at: number
  readonly fingerprint: string
  readonly claimed_at: number
}

/** Those whose commits are still recorded. Where only the fingerprint of a whole commit is left, it goes on counting. */
async function splitFingerprints(db: Kysely<unknown>): Promise<void> {
  let after = 0
  for (;;) {
    const { rows } = await sql<Holder>`
      select s.id, s.repository_id, s.sha, s.author_name, s.author_email, s.authored_at, s.fingerprint, f.claimed_at
      from smart_commits s
      join smart_commit_fingerprints f on f.fingerprint = s.fingerprint and f.repository_id = s.repository_id and f.sha = s.sha
      where s.id > ${after} order by s.id limit ${COMMITS_PER_PAGE}`.execute(db)
    for (const holder of rows) await splitOne(db, holder)
    after = rows.at(-1)?.id ?? after
    if (rows.length < COMMITS_PER_PAGE) return
  }
}

async function splitOne(db: Kysely<unknown>, holder: Holder): Promise<void> {
  const { rows } = await sql<{ position: number; issue_key: string; name: string; argument: string }>`
    select position, issue_key, name, argument from smart_commit_actions
    where smart_commit_id = ${holder.id} order by position`.execute(db)
  const { author_name: name, author_email: email } = holder
  const who = email === null ? { name } : { email: email.toLowerCase() }
  const met = new Map<string, number>()
  for (const action of rows) {
    // As in app/smart-commits/smart-commit-fingerprint.ts, for good: a migration never changes.
    const command = [action.issue_key, action.name, action.argument]
    const same = JSON.stringify(command)
    const occurrence = met.get(same) ?? 0
    met.set(same, occurrence + 1)
    const fingerprint = createHash('sha256')
      .update(JSON.stringify({ ...who, at: Number(holder.authored_at), command, occurrence }))
      .digest('hex')
    await sql`
      insert into smart_commit_fingerprints (fingerprint, repository_id, sha, position, claimed_at)
      values (${fingerprint}, ${holder.repository_id}, ${holder.sha}, ${action.position}, ${holder.claimed_at})
      on conflict (fingerprint) do nothing`.execute(db)
  }
  await sql`delete from smart_commit_fingerprints where fingerprint = ${holder.fingerprint}`.execute(db)
}
