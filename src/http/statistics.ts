import { z } from 'zod'
import { readJiraState } from '../app/jira/connect-jira.ts'
import { overviewSchema, repositoryStatisticsSchema, type LagJson, type OverviewJson } from '../contract/statistics.ts'
import { readLags, type LagSample } from '../db/views/lag.ts'
import {
  countJiraWritesByHour,
  countWebhooksByHour,
  readAccountTroubles,
  readDriftSums,
  readOpenDeliveries,
  type Waiting,
} from '../db/views/overview.ts'
import { countSyncsByOutcome, readWeeks } from '../db/views/repository-statistics.ts'
import { readRepositorySummary } from '../db/views/repository-summary.ts'
import { toPercentiles } from '../domain/percentiles.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { getRepository } from './repositories.ts'
import { problems } from './responses.ts'

const params = z.object({ id: z.string() })
const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
const HOURS = 24
const WEEKS = 52

/** `/overview`, and the statistics of a repository. */
export function registerStatistics(http: HttpApp, { app }: RouteContext): void {
  http.get(
    '/repositories/:id/statistics',
    {
      schema: {
        operationId: 'getRepositoryStatistics',
        summary: 'Commits and pull requests by week, lag, synchronisations by outcome',
        tags: ['repositories'],
        params,
        response: { 200: repositoryStatisticsSchema, ...problems(401, 404) },
      },
    },
    async (request) => {
      const { id } = await getRepository(app, request.params.id)
      const now = app.clock.now().getTime()
      const [weeks, lags, syncs] = await Promise.all([
        readWeeks(app.db.read, id, { now, weeks: WEEKS }),
        readLags(app.db.read, { since: 0, repositoryId: id }),
        countSyncsByOutcome(app.db.read, id),
      ])
      return { weeks: weeks.map(({ week, ...counts }) => ({ week: toTime(week), ...counts })), lag: toLagJson(lags), syncs }
    },
  )

  http.get(
    '/overview',
    {
      schema: {
        operationId: 'getOverview',
        summary: 'How everything stands, on one page',
        tags: ['overview'],
        response: { 200: overviewSchema, ...problems(401) },
      },
    },
    async () => readOverview(app),
  )
}

async function readOverview(app: RouteContext['app']): Promise<OverviewJson> {
  const { read } = app.db
  const now = app.clock.now().getTime()
  const firstHour = Math.floor(now / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS
  const [summary, accounts, jira, deliveries, webhooks, writes, lags, drift] = await Promise.all([
    readRepositorySummary(read, {}),
    readAccountTroubles(read),
    readJiraState(app),
    readOpenDeliveries(read),
    countWebhooksByHour(read, firstHour),
    countJiraWritesByHour(read, firstHour),
    readLags(read, { since: firstHour }),
    readDriftSums(read, now - 7 * DAY_MS),
  ])
  const hours = Array.from({ length: HOURS }, (_, index) => firstHour + index * HOUR_MS)
  const byHour = Map.groupBy(lags, ({ receivedAt }) => Math.floor(receivedAt / HOUR_MS) * HOUR_MS)
  const { total, linked, states, webhooks: hooks } = summary
  return {
    asOf: toTime(now),
    repositories: { total, linked, states, webhooks: hooks },
    accounts: { ...accounts.states, problems: accounts.problems },
    jira: { ...jira, waiting: toWaitingJson(deliveries.waiting, now), refused: toWaitingJson(deliveries.refused, now) },
    webhooks: hours.map((hour) => ({ hour: toTime(hour), ...NO_WEBHOOKS, ...webhooks.get(hour) })),
    jiraWrites: hours.map((hour) => ({ hour: toTime(hour), ...NO_WRITES, ...writes.get(hour) })),
    lag: hours.map((hour) => ({ hour: toTime(hour), ...toLagJson(byHour.get(hour) ?? []) })),
    drift,
  }
}

const NO_WEBHOOKS = { done: 0, ignored: 0, failed: 0, pending: 0, dead: 0 }
const NO_WRITES = { done: 0, failed: 0 }

function toLagJson(lags: readonly LagSample[]): { stored: LagJson; delivered: LagJson } {
  const delivered = lags.flatMap((lag) => (lag.delivered === null ? [] : [lag.delivered / 1_000]))
  return { stored: toPercentiles(lags.map(({ stored }) => stored / 1_000)), delivered: toPercentiles(delivered) }
}

function toWaitingJson({ issues, since }: Waiting, now: number) {
  return { issues, oldestSeconds: since === null ? null : Math.max(0, Math.round((now - since) / 1_000)) }
}

const toTime = (ms: number) => new Date(ms).toISOString()
