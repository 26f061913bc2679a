import { toProblem } from '../../domain/problem.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { SyncRun } from './sync-run.ts'

/** A list of the host that may be kept from this account's token. */
export interface ShownPages<Page> extends AsyncIterable<Page> {
  /** The host refused it: it ended early, so what was not met is not gone. */
  readonly refused: boolean
}

/** Ends a list that the host refuses, so that the rest of the synchronisation goes on and what is stored stays. */
export function untilRefused<Page>(run: SyncRun, pages: AsyncIterable<Page>): ShownPages<Page> {
  let refused = false
  return {
    get refused() {
      return refused
    },
    async *[Symbol.asyncIterator]() {
      try {
        yield* pages
      } catch (error) {
        if (!isConnectorError(error, 'list-refused')) throw error
        refused = true
        run.app.log.warn({ repositoryId: run.repository.id, problem: toProblem(error) }, 'a list is kept from this account')
      }
    },
  }
}
