import { collectDefaultMetrics, Registry } from 'prom-client'
import type { AppContext } from '../app/app-context.ts'
import type { Metrics } from '../app/metrics/metrics.ts'
import { createPrometheusMetrics } from '../app/metrics/prometheus-metrics.ts'
import { registerStateMetrics } from '../app/metrics/state-metrics.ts'
import type { MetricsSource } from '../http/http-app.ts'

/** The numbers of one process, for Prometheus. */
export interface ProcessMetrics {
  readonly metrics: Metrics
  /** What a scrape answers, when the parts are put together. */
  source(app: AppContext): MetricsSource
}

export function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry()
  let parts: AppContext | null = null
  collectDefaultMetrics({ register: registry })
  return {
    metrics: createPrometheusMetrics({ registry, jiraUrl: () => parts?.jira?.client.base.href ?? null }),
    source(app) {
      parts = app
      registerStateMetrics(registry, { app })
      return { contentType: registry.contentType, render: () => registry.metrics() }
    },
  }
}
