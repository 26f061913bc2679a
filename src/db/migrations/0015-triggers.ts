import { sql, type CreateTableBuilder, type Kysely } from 'kysely'
import type { Database } from '../database.ts'
import type { SchemaMigration } from '../schema-migration.ts'

/** Rules that move issues, the events that they wait for, and what they did. */
export const triggers: SchemaMigration = {
  name: '0015-triggers',
  breaking: false,
  async up(db, kind) {
    await createRules(db, kind)
    await createEvents(db, kind)
    await createRuns(db, kind)
  },
}

async function createRules(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(db.schema.createTable('trigger_rules'), kind)
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('enabled', 'bigint', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('conditions', 'text', (column) => column.notNull())
    .addColumn('transition', 'text')
    .addColumn('comment', 'text')
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute()
}

async function createEvents(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(db.schema.createTable('development_events'), kind)
    .addColumn('repository_id', 'bigint', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('keys', 'text', (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('recorded_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    // A run that broke off meets the same again.
    .addUniqueConstraint('development_events_unique', ['repository_id', 'event', 'subject', 'at'])
    .execute()
  await db.schema
    .createIndex('development_events_pending')
    .on('development_events')
    .column('id')
    .where(sql.ref('state'), '=', sql.lit('pending'))
    .execute()
  await db.schema.createIndex('development_events_recorded').on('development_events').column('recorded_at').execute()
}

async function createRuns(db: Kysely<unknown>, kind: Database['kind']): Promise<void> {
  await withId(db.schema.createTable('trigger_runs'), kind)
    .addColumn('event_id', 'bigint', (column) => column.notNull())
    .addColumn('rule_id', 'bigint', (column) => column.notNull())
    .addColumn('rule_name', 'text', (column) => column.notNull())
    .addColumn('issue_key', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('summary', 'text', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('moved', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('target_status', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('trigger_runs_unique', ['event_id', 'issue_key'])
    .execute()
  // For the loop guard: how often an issue was moved lately.
  await db.schema.createIndex('trigger_runs_issue').on('trigger_runs').columns(['issue_key', 'at']).execute()
  await db.schema.createIndex('trigger_runs_at').on('trigger_runs').column('at').execute()
}

/** Kysely's builder gains a column with each call, and so a type of its own. */
function withId<Table extends string>(table: CreateTableBuilder<Table>, kind: Database['kind']) {
  return kind === 'postgres'
    ? table.addColumn('id', 'bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey())
    : table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
}
