import type { Sha } from '../../domain/ids.ts'
import type { IssueKeySettings } from '../../domain/issue-key-settings.ts'
import type { CommitDestination, PreparedCommits } from '../../db/stores/gather-commits.ts'
import type { ObjectFormat } from '../../git/protocol.ts'
import { startWorker } from '../../lib/start-worker.ts'

/** What the thread is given at its start. */
export interface ArrivalWork {
  /** The mirror that git fetches into. */
  readonly folder: string
  readonly objectFormat: ObjectFormat
  readonly rules: IssueKeySettings
  readonly destination: CommitDestination
}

export interface ArrivedBatch {
  /** Commits read since the last batch, with keys or without. */
  readonly commits: number
  readonly prepared: PreparedCommits
  /** Commits of which git has to tell. */
  readonly unusual: readonly Sha[]
}

export type ArrivalQuestion = 'next' | 'next-short' | 'git-ended'
/** null: that was all; `unreadable`: not all can be read so. */
export type ArrivalAnswer = ArrivedBatch | 'unreadable' | null

export interface ArrivingCommits {
  /** The next batch, made ready for storing; asked one after the other. `short` where others wait for the writer. */
  next(options: { readonly short: boolean }): Promise<ArrivalAnswer>
  gitEnded(): void
  /** Ends the thread, whatever it does; who waits for a batch gets an error. */
  close(): Promise<void>
}

/**
 * Reads the commits of the pack that git is fetching into an empty mirror, in a thread of its own: inflating and looking for
 * keys takes 30 µs a commit, in the main thread it would stop webhooks.
 */
export function readArrivingCommits(work: ArrivalWork): ArrivingCommits {
  const worker = startWorker(import.meta.url, { name: 'arrival-thread', data: work })
  let waiting: { resolve(answer: ArrivalAnswer): void; reject(error: Error): void } | null = null
  let failure: Error | null = null
  function fail(error: Error): void {
    failure ??= error
    waiting?.reject(failure)
    waiting = null
  }
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('The thread that reads arriving commits has ended')))
  worker.on('message', (answer: ArrivalAnswer) => {
    waiting?.resolve(answer)
    waiting = null
  })
  return {
    next: ({ short }) =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure)
        waiting = { resolve, reject }
        worker.postMessage((short ? 'next-short' : 'next') satisfies ArrivalQuestion)
      }),
    gitEnded: () => worker.postMessage('git-ended' satisfies ArrivalQuestion),
    close: async () => {
      await worker.terminate()
    },
  }
}
