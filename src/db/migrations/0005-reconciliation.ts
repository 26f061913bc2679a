import { sql, type Kysely } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** The rolling proof of every repository, and whom a job is for. */
export const reconciliation: SchemaMigration = {
  name: '0005-reconciliation',
  breaking: false,
  async up(db, kind) {
    for (const column of ['proved_at', 'drift_suspected_at'] as const) {
      await db.schema.alterTable('repositories').addColumn(column, 'bigint').execute()
    }
    await db.schema.alterTable('repositories').addColumn('drift', 'text').execute()
    await db.schema
      .createIndex('repositories_drift_suspected_at')
      .on('repositories')
      .columns(['account_id', 'drift_suspected_at'])
      .where(sql.ref('drift_suspected_at'), 'is not', null)
      .execute()
    await createProofs(db, kind)
    await db.schema.alterTable('jobs').addColumn('party', 'text').execute()
    // Covers the question whose jobs are due, which is asked whenever a place is free.
    await db.schema
      .createIndex('jobs_waiting_party')
      .on('jobs')
      .columns(['name', 'party', 'priority', 'run_at'])
      .where(sql.ref('locked_until'), 'is', null)
      .execute()
  },
}

const COUNTS = [
  'proved',
  'failed',
  'refs_found',
  'refs_repaired',
  'pull_requests_found',
  'pull_requests_repaired',
  'missing_found',
  'missing_repaired',
]

async function createProofs(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  let table = db.schema
    .createTable('proofs')
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('hour', 'bigint', (column) => column.notNull())
  for (const name of COUNTS) table = table.addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0))
  const keyed = table.addPrimaryKeyConstraint('proofs_key', ['account_id', 'hour'])
  await (kind === 'sqlite' ? keyed.modifyEnd(sql`without rowid`) : keyed).execute()
}
