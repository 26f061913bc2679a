import { Gauge, type Registry } from 'prom-client'
import { countIssuesByState } from '../../db/stores/issues.ts'
import { readProofTotals } from '../../db/views/drift.ts'
import { countAccountsByState, countRepositoriesByState } from '../../db/views/state-counts.ts'
import type { AppContext } from '../app-context.ts'

export interface StateMetricsOptions {
  readonly app: Pick<AppContext, 'db' | 'jobs' | 'jira'>
}

/**
 * What is asked of the database when somebody scrapes: a few counts, which every node tells the same.
 */
export function registerStateMetrics(registry: Registry, options: StateMetricsOptions): void {
  registerQueueMetrics(registry, options)
  registerCountMetrics(registry, options)
  registerJiraMetrics(registry, options)
  registerDriftMetrics(registry, options)
}

function registerQueueMetrics(registry: Registry, { app }: StateMetricsOptions): void {
  const readStats = sharedWhileUnderWay(() => app.jobs.statsByName(app.db.read))
  const jobs = new Gauge({
    name: 'dvcs_jobs',
    help: 'Jobs of the queue, by name and state (waiting, running).',
    labelNames: ['job', 'state'],
    registers: [registry],
    async collect() {
      const stats = await readStats()
      jobs.reset()
      for (const [job, { waiting, running }] of stats) {
        jobs.set({ job, state: 'waiting' }, waiting)
        jobs.set({ job, state: 'running' }, running)
      }
    },
  })
  const age = new Gauge({
    name: 'dvcs_jobs_oldest_due_seconds',
    help: 'How long the oldest waiting job has been due, by name.',
    labelNames: ['job'],
    registers: [registry],
    async collect() {
      const stats = await readStats()
      age.reset()
      for (const [job, { oldestWaitingMs }] of stats) age.set({ job }, oldestWaitingMs / 1000)
    },
  })
}

/** A scrape asks all gauges at once: those that tell of the same answer share one question, 65 ms with 200,000 jobs. */
function sharedWhileUnderWay<T>(read: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null
  return () => {
    underWay ??= read().finally(() => {
      underWay = null
    })
    return underWay
  }
}

function registerCountMetrics(registry: Registry, { app }: StateMetricsOptions): void {
  const counts = (name: string, help: string, read: () => Promise<Readonly<Record<string, number>>>) => {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers: [registry],
      async collect() {
        const found = await read()
        gauge.reset()
        for (const [state, count] of Object.entries(found)) gauge.set({ state }, count)
      },
    })
  }
  counts('dvcs_accounts', 'Accounts, by state.', () => countAccountsByState(app.db.read))
  counts('dvcs_repositories', 'Linked repositories, by state of their synchronisation; "failing" beside that one.', () =>
    countRepositoriesByState(app.db.read),
  )
  counts('dvcs_issues', 'Issue keys that something stored names, by state of their delivery.', () =>
    countIssuesByState(app.db.read),
  )
}

function registerJiraMetrics(registry: Registry, { app }: StateMetricsOptions): void {
  const tokens = new Gauge({
    name: 'dvcs_jira_rate_limit_remaining',
    help: "Requests that Jira's rate limit certainly allows this node now; +Inf without a limit.",
    registers: [registry],
    collect() {
      const { jira } = app
      if (jira === null) tokens.reset()
      else tokens.set(jira.client.paceState().tokens)
    },
  })
  const paced = new Gauge({
    name: 'dvcs_jira_requests',
    help: 'Requests to Jira of this node, by state (waiting for their turn, under way, allowed at once).',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { jira } = app
      paced.reset()
      if (jira === null) return
      const { waiting, underWay, concurrency } = jira.client.paceState()
      paced.set({ state: 'waiting' }, waiting)
      paced.set({ state: 'under-way' }, underWay)
      paced.set({ state: 'allowed' }, concurrency)
    },
  })
}

/** Of accounts that were proved at least once: their totals only rise. */
function registerDriftMetrics(registry: Registry, { app }: StateMetricsOptions): void {
  const drift = new Gauge({
    name: 'dvcs_drift',
    help: 'Differences to the Git hosts that the daily proof found and repaired.',
    labelNames: ['account', 'kind', 'state'],
    registers: [registry],
    async collect() {
      drift.reset()
      for (const totals of await readProofTotals(app.db.read)) {
        for (const [kind, { found, repaired }] of Object.entries(totals.drift)) {
          drift.set({ account: totals.accountId, kind, state: 'found' }, found)
          drift.set({ account: totals.accountId, kind, state: 'repaired' }, repaired)
        }
      }
    },
  })
}
