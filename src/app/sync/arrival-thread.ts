// The thread that reads a first history while git fetches it: see arriving-commits.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { findCommitKeys } from '../../domain/issue-key-settings.ts'
import type { Sha } from '../../domain/ids.ts'
import { gatherCommits } from '../../db/stores/gather-commits.ts'
import { readArrivingPack } from '../../git/arriving-pack.ts'
import { UnreadablePack } from '../../git/pack-objects.ts'
import type { ArrivalAnswer, ArrivalQuestion, ArrivalWork, ArrivedBatch } from './arriving-commits.ts'
import { toKeyedCommit } from './keyed-commit.ts'

if (parentPort === null) throw new Error('This file is a worker of arriving-commits.ts')
const port = parentPort
const { folder, objectFormat, rules, destination } = workerData as ArrivalWork
/** Batches come at least so often, that somebody sees it go on. */
const COMMITS_PER_BATCH = 10_000
let gitEnded = false
let short = false
const batches = readBatches()

port.on('message', (question: ArrivalQuestion) => {
  if (question === 'git-ended') {
    gitEnded = true
    return
  }
  short = question === 'next-short'
  void answer()
})

async function answer(): Promise<void> {
  const next = await batches.next().catch((error: unknown) => {
    // What else goes wrong ends the thread, and is met by whoever waits for its answer.
    if (!(error instanceof UnreadablePack)) throw error
    return { value: 'unreadable' as const }
  })
  const given: ArrivalAnswer = next.value ?? null
  port.postMessage(given, given === null || given === 'unreadable' ? [] : listBuffers(given))
  if (given === null || given === 'unreadable') port.close()
}

async function* readBatches(): AsyncGenerator<ArrivedBatch, undefined, undefined> {
  const gathered = gatherCommits(destination)
  let unusual: Sha[] = []
  let commits = 0
  const take = (): ArrivedBatch => {
    const batch = { commits, unusual, prepared: gathered.take() }
    unusual = []
    commits = 0
    return batch
  }
  const { signal } = new AbortController() // Whoever started the thread ends it as a whole.
  for await (const arrived of readArrivingPack(folder, { objectFormat, ended: () => gitEnded, signal })) {
    commits += arrived.commits.length
    unusual.push(...arrived.unusual)
    for (const commit of arrived.commits) {
      const keys = findCommitKeys(commit.message, rules)
      if (keys.length === 0) continue
      gathered.add(toKeyedCommit(commit, keys))
      if (gathered.isFull(short)) yield take()
    }
    if (commits + unusual.length >= COMMITS_PER_BATCH) yield take()
  }
  yield take()
}

function listBuffers({ prepared: { insert } }: ArrivedBatch): ArrayBuffer[] {
  return [insert.values, insert.children?.values].flatMap((rows) => (rows instanceof Uint8Array ? [rows.buffer] : []))
}
