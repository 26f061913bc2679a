import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import type { RepositorySync } from '../domain/repository.ts'

/** What is shown of a repository: the same from the database and from the running connector's answers. */
export interface ShownRepository {
  readonly id: string
  readonly name: string
  readonly sync: Pick<RepositorySync, 'state' | 'step' | 'progress' | 'error'>
}

/** Progress for people: bars on a terminal, plain lines of changes elsewhere. */
export interface ProgressView {
  line(text: string): void
  repositories(repositories: readonly ShownRepository[]): void
  delivery(state: { readonly delivered: number; readonly total: number; readonly minutesLeft: number | null }): void
  stop(): void
}

export function createProgressView(out: NodeJS.WriteStream): ProgressView {
  return out.isTTY ? createBars(out) : createLines(out)
}

const describeCounts = ({ commits, branches, pullRequests, issues }: RepositorySync['progress']) =>
  `${commits} commits, ${branches} branches, ${pullRequests} merge requests, ${issues} issues found`

function describeEnd(repository: ShownRepository): string {
  const { sync } = repository
  if (sync.error !== null) return `failed: ${sync.error.message}${sync.error.remedy === null ? '' : ` ${sync.error.remedy}`}`
  return describeCounts(sync.progress)
}

const describeDelivery = ({ delivered, total, minutesLeft }: Parameters<ProgressView['delivery']>[0]) =>
  `delivered ${delivered} of ${total}${minutesLeft === null ? '' : `, about ${minutesLeft} min`}`

const isWorking = ({ sync }: ShownRepository) => sync.state === 'queued' || sync.state === 'running'

function createLines(out: NodeJS.WriteStream): ProgressView {
  const steps = new Map<string, string>()
  let shownTenths = -1
  return {
    line: (text) => void out.write(`${text}\n`),
    repositories(repositories) {
      for (const repository of repositories) {
        const step = isWorking(repository) ? (repository.sync.step ?? repository.sync.state) : 'ended'
        const before = steps.get(repository.id)
        steps.set(repository.id, step)
        if (before === step || (before === undefined && step === 'ended' && repository.sync.error === null)) continue
        if (step === 'ended') out.write(`${repository.name}: ${describeEnd(repository)}\n`)
        else if (step !== 'queued') out.write(`${repository.name}: ${step}\n`)
      }
    },
    delivery(state) {
      // A line for every tenth is enough in a log.
      const tenths = state.total === 0 ? 10 : Math.floor((10 * state.delivered) / state.total)
      if (tenths !== shownTenths) out.write(`Jira: ${describeDelivery(state)}\n`)
      shownTenths = tenths
    },
    stop() {},
  }
}

/** Steps of a synchronisation as parts of a bar: the number of commits is not known before they are read. */
const STEP_PARTS = { fetching: 1, history: 2, 'pull-requests': 3, finishing: 4, builds: 5 } as const
const ALL_PARTS = 6

function createBars(out: NodeJS.WriteStream): ProgressView {
  const bars = new MultiBar(
    { stream: out, format: '{bar} {name}: {text}', barsize: 20, hideCursor: true, clearOnComplete: false },
    Presets.shades_classic,
  )
  const byId = new Map<string, SingleBar>()
  const bar = (id: string) => {
    const known = byId.get(id)
    if (known !== undefined) return known
    const made = bars.create(ALL_PARTS, 0, { name: id, text: '' })
    byId.set(id, made)
    return made
  }
  return {
    line: (text) => bars.log(`${text}\n`),
    repositories(repositories) {
      for (const repository of repositories) {
        if (!isWorking(repository) && !byId.has(repository.id)) continue
        const part = isWorking(repository) ? (repository.sync.step === null ? 0 : STEP_PARTS[repository.sync.step]) : ALL_PARTS
        const text = isWorking(repository) ? describeCounts(repository.sync.progress) : describeEnd(repository)
        bar(repository.id).update(part, { name: repository.name, text })
      }
    },
    delivery(state) {
      const share = state.total === 0 ? 1 : state.delivered / state.total
      bar('Jira').update(ALL_PARTS * share, { name: 'Jira', text: describeDelivery(state) })
    },
    stop: () => bars.stop(),
  }
}
