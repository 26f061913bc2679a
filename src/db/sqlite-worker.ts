// The thread that owns the writing connection of the embedded database: see sqlite-writer.ts.
import { workerData } from 'node:worker_threads'
import BetterSqlite3 from 'better-sqlite3'
import type { SqliteStatement } from 'kysely'
import { RowReader, type RowValue } from './packed-rows.ts'
import { isRowBatch, type ChildBatch, type RowBatch } from './row-batch.ts'
import { connectWriter, withStatementCache } from './sqlite-connection.ts'
import type { WriterAnswer, WriterData, WriterQuestion } from './sqlite-writer.ts'

const { file, port } = workerData as WriterData
const connection = connectWriter(file)
const database = withStatementCache(connection)

port.on('message', (question: WriterQuestion) => {
  if (question === 'close') {
    connection.close()
    port.close()
    return
  }
  port.postMessage(execute(question))
})

function execute({ sql, parameters, place }: Exclude<WriterQuestion, 'close'>): WriterAnswer {
  try {
    if (place === 'begins') database.prepare('begin').run([])
    if (place === 'within' && !connection.inTransaction) throw new Error('The transaction has ended before this statement')
    // Of a full disk SQLite undoes the transaction by itself: that the second time fails must not hide why.
    if (sql === 'rollback' && !connection.inTransaction) return { rows: [], changes: null, lastInsertRowid: null }
    const statement = database.prepare(sql)
    const [batch] = parameters
    if (isRowBatch(batch)) return { rows: insertEach(statement, batch), changes: null, lastInsertRowid: null }
    if (statement.reader) return { rows: statement.all(parameters), changes: null, lastInsertRowid: null }
    return { rows: [], ...statement.run(parameters) }
  } catch (error) {
    // Only its message would survive the way to the other thread.
    if (error instanceof BetterSqlite3.SqliteError) return { error: error.message, code: error.code }
    return { error: String(error), code: null }
  }
}

/** The generated ids in the order of the rows; null where nothing was inserted. */
function insertEach(statement: SqliteStatement, { width, rows, children }: RowBatch): (number | null)[] {
  const insertChildren = children === undefined ? () => undefined : createChildInsert(children)
  const reader = new RowReader(rows)
  const row = createRow(width)
  const ids: (number | null)[] = []
  while (!reader.ended) {
    reader.readInto(row, 0)
    const { changes, lastInsertRowid } = statement.run(row)
    const id = Number(changes) === 0 ? null : Number(lastInsertRowid)
    insertChildren(ids.length, id)
    ids.push(id)
  }
  return ids
}

function createChildInsert({ sql, width, rows, counts }: ChildBatch) {
  const statement = database.prepare(sql)
  const reader = new RowReader(rows)
  const row = createRow(1 + width)
  return (parent: number, id: number | null) => {
    row[0] = id
    for (let left = counts[parent] ?? 0; left > 0; left -= 1) {
      reader.readInto(row, 1)
      if (id !== null) statement.run(row)
    }
  }
}

const createRow = (width: number) => Array.from<RowValue>({ length: width })
