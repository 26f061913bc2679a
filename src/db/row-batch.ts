export type RowValue = string | number | null

/**
 * In the place of parameters: the writer runs the statement once for each row. The values of all rows stand one after
 * the other, because thousands of small arrays take three times as long to reach the other thread.
 */
export interface RowBatch {
  readonly width: number
  readonly values: readonly RowValue[]
}

/** No other parameter is an object of this kind: they are text, numbers, bytes or null. */
export function isRowBatch(parameter: unknown): parameter is RowBatch {
  return typeof parameter === 'object' && parameter !== null && 'width' in parameter && 'values' in parameter
}
