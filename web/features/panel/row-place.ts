import type { Ref } from 'react'

/** Where a row is in its table, and how its height is learnt where rows come and go. */
export interface RowPlace {
  readonly index?: number
  readonly measure?: Ref<HTMLTableSectionElement>
}
