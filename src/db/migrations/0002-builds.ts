import { sql, type CreateTableBuilder, type Kysely } from 'kysely'
import type { SchemaMigration } from '../schema-migration.ts'

/** Builds and deployments; an older program does not look at these tables. */
export const builds: SchemaMigration = {
  name: '0002-builds',
  breaking: false,
  async up(db, kind) {
    await table(db, kind, {
      name: 'builds',
      texts: ['host_id', 'state', 'ref', 'sha', 'url'],
      numbers: ['repository_id', 'number', 'created_at', 'updated_at', 'generation'],
    })
    // A build is of the pull requests whose head it ran for.
    await db.schema.createIndex('pull_requests_head').on('pull_requests').columns(['repository_id', 'head_sha']).execute()
    await keyTable(db, kind, { name: 'build_keys', parent: 'build_id' })
    await table(db, kind, {
      name: 'deployments',
      texts: ['host_id', 'environment', 'environment_type', 'state', 'sha', 'url'],
      numbers: ['repository_id', 'number', 'created_at', 'updated_at', 'generation'],
    })
    await keyTable(db, kind, { name: 'deployment_keys', parent: 'deployment_id' })
    await environmentDeployments(db, kind)
    await listingMarks(db, kind)
  },
}

type Kind = 'sqlite' | 'postgres'
type AnyDatabase = Kysely<unknown>

interface EntityTable {
  readonly name: string
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
}

async function table(db: AnyDatabase, kind: Kind, { name, texts, numbers }: EntityTable): Promise<void> {
  let create = db.schema.createTable(name).addColumn('finished_at', 'bigint')
  for (const column of texts) create = create.addColumn(column, 'text', (definition) => definition.notNull())
  for (const column of numbers) create = create.addColumn(column, 'bigint', (definition) => definition.notNull())
  create =
    kind === 'postgres'
      ? create.addColumn('id', 'bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey())
      : create.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
  await create.addUniqueConstraint(`${name}_unique`, ['repository_id', 'host_id'] as never[]).execute()
  // A pull request that changes leads to the builds of its head.
  await db.schema.createIndex(`${name}_repository_id_sha`).on(name).columns(['repository_id', 'sha']).execute()
}

async function keyTable(db: AnyDatabase, kind: Kind, { name, parent }: { name: string; parent: string }): Promise<void> {
  const create = db.schema
    .createTable(name)
    .addColumn('issue_key', 'text', (column) => column.notNull())
    .addColumn(parent, 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint(`${name}_key`, ['issue_key', parent] as never[])
  await withoutRowId(create, kind).execute()
  await db.schema.createIndex(`${name}_${parent}`).on(name).columns([parent]).execute()
}

async function environmentDeployments(db: AnyDatabase, kind: Kind): Promise<void> {
  const create = db.schema
    .createTable('environment_deployments')
    .addColumn('repository_id', 'bigint', (column) => column.notNull())
    .addColumn('environment_id', 'text', (column) => column.notNull())
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('environment_type', 'text', (column) => column.notNull())
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('generation', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('environment_deployments_key', ['repository_id', 'environment_id', 'number'])
  await withoutRowId(create, kind).execute()
}

async function listingMarks(db: AnyDatabase, kind: Kind): Promise<void> {
  const create = db.schema
    .createTable('listing_marks')
    .addColumn('repository_id', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('since', 'bigint')
    .addColumn('generation', 'bigint', (column) => column.notNull())
    .addColumn('rules_version', 'bigint', (column) => column.notNull())
    .addColumn('complete', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('listing_marks_key', ['repository_id', 'kind'])
  await withoutRowId(create, kind).execute()
}

/** On SQLite the primary key is then the table itself. */
function withoutRowId<Name extends string>(create: CreateTableBuilder<Name>, kind: Kind): CreateTableBuilder<Name> {
  return kind === 'sqlite' ? create.modifyEnd(sql`without rowid`) : create
}
