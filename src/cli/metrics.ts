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

export function createProcessMetrics(jiraUrl: string | null): ProcessMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    metrics: createPrometheusMetrics({ registry, jiraUrl }),
    source(app) {
      registerStateMetrics(registry, { app })
      return { contentType: registry.contentType, render: () => registry.metrics() }
    },
  }
}
