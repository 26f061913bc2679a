import type { HttpApp, MetricsSource } from './http-app.ts'

/** `/metrics`, in Prometheus' text format. */
export function registerMetrics(http: HttpApp, metrics: MetricsSource): void {
  http.get('', { config: { access: 'metrics' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  )
}
