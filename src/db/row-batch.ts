import type { PackedRows } from './packed-rows.ts'

/** In the place of parameters: the writer runs the statement once for each row. */
export interface RowBatch {
  readonly width: number
  readonly rows: PackedRows
  /** Rows of another table that belong to these. */
  readonly children?: ChildBatch
}

/**
 * After row n of its batch was inserted, and only then, the next `counts[n]` of these are: each with the generated id of
 * row n before its own values. One message then does what would be two with an answer between them.
 */
export interface ChildBatch {
  readonly sql: string
  readonly width: number
  readonly rows: PackedRows
  readonly counts: readonly number[]
}

/** No other parameter is an object of this kind: they are text, numbers, bytes or null. */
export function isRowBatch(parameter: unknown): parameter is RowBatch {
  return typeof parameter === 'object' && parameter !== null && 'width' in parameter && 'rows' in parameter
}
