// The thread that owns the writing connection of the embedded database: see sqlite-writer.ts.
import { parentPort, workerData } from 'node:worker_threads'
import BetterSqlite3 from 'better-sqlite3'
import type { SqliteStatement } from 'kysely'
import { isRowBatch, type ChildBatch, type RowBatch } from './row-batch.ts'
import { connectWriter, withStatementCache } from './sqlite-connection.ts'
import type { WriterAnswer, WriterQuestion } from './sqlite-writer.ts'

if (parentPort === null) throw new Error('This file is a worker of sqlite-writer.ts')
const port = parentPort
const connection = connectWriter(String(workerData))
const database = withStatementCache(connection)

port.on('message', (question: WriterQuestion) => {
  if (question === 'close') {
    connection.close()
    port.close()
    return
  }
  port.postMessage(execute(question.sql, question.parameters))
})

function execute(sql: string, parameters: readonly unknown[]): WriterAnswer {
  try {
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
function insertEach(statement: SqliteStatement, { width, values, children }: RowBatch): (number | null)[] {
  const insertChildren = children === undefined ? () => undefined : createChildInsert(children)
  const ids: (number | null)[] = []
  for (let start = 0; start < values.length; start += width) {
    const { changes, lastInsertRowid } = statement.run(values.slice(start, start + width))
    const id = Number(changes) === 0 ? null : Number(lastInsertRowid)
    insertChildren(ids.length, id)
    ids.push(id)
  }
  return ids
}

function createChildInsert({ sql, width, values, counts }: ChildBatch) {
  const statement = database.prepare(sql)
  let start = 0
  return (row: number, id: number | null) => {
    const end = start + (counts[row] ?? 0) * width
    for (; start < end; start += width) if (id !== null) statement.run([id, ...values.slice(start, start + width)])
  }
}
