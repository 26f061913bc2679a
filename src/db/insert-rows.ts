import { CompiledQuery } from 'kysely'
import type { Tx } from './database.ts'
import { isPostgres } from './json-rows.ts'
import { packRows, readRows, type PackedRows, type RowValue } from './packed-rows.ts'
import type { RowBatch } from './row-batch.ts'

export interface RowsToInsert {
  readonly table: string
  /** Name and type of each column. */
  readonly columns: Readonly<Record<string, 'text' | 'bigint'>>
  /** Values of all rows one after the other, each in the order of `columns`. */
  readonly values: readonly RowValue[] | PackedRows
  /** SQL that follows the values, such as `on conflict (…) do nothing`; empty: none. Constant text. */
  readonly onConflict: string
}

/**
 * More go to PostgreSQL as one parameter of JSON. Fewer have a parameter each, which spares writing and reading JSON: 24 webhooks
 * of 10 KiB 2.3 ms instead of 4.6 ms.
 */
const MOST_PARAMETERS = 2_000

/**
 * Inserts many rows with one statement. PostgreSQL takes them as parameters, or as one where they are many; SQLite takes them
 * one by one, which is quickest there: 60,000 commits with messages in 240 ms, in chunks of a `values` list 410 ms, as one
 * parameter of JSON 680 ms.
 */
export async function insertRows(tx: Tx, insert: RowsToInsert): Promise<void> {
  if (insert.values.length === 0) return
  await tx.executeQuery(isPostgres(tx) ? toPostgresInsert(insert, insert.onConflict) : toBatchInsert(insert))
}

/** Rows of another table whose first column, missing in `values`, is the id of a row that they came with. */
export interface ChildRowsToInsert extends RowsToInsert {
  /** How many belong to each row. */
  readonly counts: readonly number[]
}

export interface RowsWithIds extends RowsToInsert {
  /** A column that is unique among the rows. */
  readonly key: string
  /** Inserted only with rows that are new. */
  readonly children?: ChildRowsToInsert
}

/** As `insertRows`; resolves to the generated ids in the order of the rows, null for those that were there. */
export async function insertRowsForIds(tx: Tx, { key, children, ...insert }: RowsWithIds): Promise<(number | null)[]> {
  if (insert.values.length === 0) return []
  if (!isPostgres(tx)) return (await tx.executeQuery<number | null>(toBatchInsert(insert, children))).rows
  const keyAt = Object.keys(insert.columns).indexOf(key)
  const keys = [...rowsOf(insert.values, widthOf(insert))].map((row) => row[keyAt] ?? null)
  const ending = `${insert.onConflict} returning id, ${key} as key`
  const parents = toPostgresInsert(insert, ending)
  const together = children !== undefined && isFew(children)
  const { rows } = await tx.executeQuery<{ id: number; key: RowValue }>(
    together ? withChildren(parents, { children, keys, keyType: insert.columns[key] ?? 'text' }) : parents,
  )
  const byKey = new Map(rows.map((row) => [row.key, row.id]))
  const ids = keys.map((of) => byKey.get(of) ?? null)
  if (children !== undefined && !together) await insertRows(tx, { ...children, values: [...childRowsOf(children, ids)].flat() })
  return ids
}

/** There are some, and they can have a parameter each. */
function isFew(children: ChildRowsToInsert): boolean {
  const count = children.counts.reduce((sum, ofParent) => sum + ofParent, 0)
  return count > 0 && count * widthOf(children) <= MOST_PARAMETERS
}

/** Both in one statement: a way to the database and back takes milliseconds while webhooks arrive. */
function withChildren(
  parents: CompiledQuery,
  { children, keys, keyType }: { children: ChildRowsToInsert; keys: readonly RowValue[]; keyType: string },
): CompiledQuery<never> {
  const { table, columns, onConflict } = children
  const given = [...childRowsOf(children, keys)]
  const [parent = '', ...names] = Object.keys(columns)
  const types = [keyType, ...names.map((name) => columns[name])]
  let number = parents.parameters.length
  const list = given.map((row) => `(${row.map((_, index) => `$${(number += 1)}::${types[index]}`).join(', ')})`)
  const text = `with parents as (${parents.sql}), children as (
      insert into ${table} (${[parent, ...names].join(', ')})
      select parents.id, ${names.map((name) => `given.${name}`).join(', ')}
      from (values ${list.join(', ')}) as given(${['key', ...names].join(', ')}) join parents on parents.key = given.key ${onConflict}
    ) select id, key from parents`
  return CompiledQuery.raw(text, [...parents.parameters, ...given.flat()]) as CompiledQuery<never>
}

/** With what their parent is known by in the place of its id; those of a parent without are left out. */
function* childRowsOf(children: ChildRowsToInsert, known: readonly RowValue[]) {
  const parents = children.counts.flatMap((count, row) => Array.from({ length: count }, () => known[row] ?? null))
  let child = 0
  for (const row of rowsOf(children.values, widthOf(children) - 1)) {
    const parent = parents[child++] ?? null
    if (parent !== null) yield [parent, ...row]
  }
}

function toBatchInsert(insert: RowsToInsert, children?: ChildRowsToInsert): CompiledQuery<never> {
  const batch: RowBatch = {
    width: widthOf(insert),
    rows: toPacked(insert.values),
    ...(children === undefined
      ? {}
      : {
          children: {
            sql: toInsertText(children),
            width: widthOf(children) - 1,
            rows: toPacked(children.values),
            counts: children.counts,
          },
        }),
  }
  return CompiledQuery.raw(toInsertText(insert), [batch]) as CompiledQuery<never>
}

const toPacked = (values: RowsToInsert['values']) => (values instanceof Uint8Array ? values : packRows(values))

const widthOf = ({ columns }: RowsToInsert) => Object.keys(columns).length

function toInsertText({ table, columns, onConflict }: RowsToInsert): string {
  const names = Object.keys(columns)
  return `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')}) ${onConflict}`
}

function toPostgresInsert(insert: RowsToInsert, ending: string): CompiledQuery<never> {
  const rows = [...rowsOf(insert.values, widthOf(insert))]
  return rows.length * widthOf(insert) > MOST_PARAMETERS
    ? toJsonInsert(insert, { rows, ending })
    : toListInsert(insert, { rows, ending })
}

interface RowsAndEnding {
  readonly rows: readonly (readonly RowValue[])[]
  /** What follows the values: on conflict, returning. */
  readonly ending: string
}

function toListInsert({ table, columns }: RowsToInsert, { rows, ending }: RowsAndEnding): CompiledQuery<never> {
  const names = Object.keys(columns)
  let number = 0
  const list = rows.map((row) => `(${row.map(() => `$${(number += 1)}`).join(', ')})`)
  const text = `insert into ${table} (${names.join(', ')}) values ${list.join(', ')} ${ending}`
  return CompiledQuery.raw(text, rows.flat()) as CompiledQuery<never>
}

function toJsonInsert(insert: RowsToInsert, { rows, ending }: RowsAndEnding): CompiledQuery<never> {
  const names = Object.keys(insert.columns)
  const list = names.join(', ')
  const definition = Object.entries(insert.columns).map(([name, type]) => `${name} ${type}`)
  const text = `insert into ${insert.table} (${list}) select ${list} from jsonb_to_recordset($1::jsonb) as given(${definition.join(', ')}) where true ${ending}`
  const json = JSON.stringify(rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]]))))
  return CompiledQuery.raw(text, [json]) as CompiledQuery<never>
}

function* rowsOf(values: RowsToInsert['values'], width: number): Generator<readonly RowValue[]> {
  if (values instanceof Uint8Array) yield* readRows(values, width)
  else for (let start = 0; start < values.length; start += width) yield values.slice(start, start + width)
}
