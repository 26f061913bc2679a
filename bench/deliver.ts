import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { configure, makeHistory, runSync, type Bench } from './bench.ts'
import { atLeast, atMost } from './figures.ts'
import { BENCHMARK_SHAPE, listProjects } from './history.ts'
import type { JiraCount } from './host.ts'
import { findFreePort, startServe } from './serve.ts'

const benchmark = 'deliver'
const OWNER = 'deliver'
/** 20 projects of 500 issues, nearly all of them named. */
const SHAPE = { ...BENCHMARK_SHAPE, commits: 60_000, projects: 20 }
const ISSUES_PER_PROJECT = 500
const REQUESTS_PER_SECOND = 100
const LATENCY_MS = 2
const LONGEST_MS = 5 * 60_000

/** 10,000 issues into a Jira that answers in 2 ms and takes 100 requests a second: the limit is used up and never broken. */
export async function benchDeliver(bench: Bench): Promise<void> {
  const host = await bench.host()
  await makeHistory({ host: Promise.resolve(host), owner: OWNER, shape: SHAPE })
  const jira = await host.startJira(listProjects(SHAPE), ISSUES_PER_PROJECT, {
    perSecond: REQUESTS_PER_SECOND,
    latencyMs: LATENCY_MS,
  })
  const port = await findFreePort()
  const file = await configure(bench, { name: benchmark, owner: OWNER, listen: `127.0.0.1:${port}` })
  await writeFile(file, readFileSync(file, 'utf8').replace('http://127.0.0.1:9', jira.url).replace('not-used', jira.token))
  await runSync(bench, file)
  const issues = countIssues(file)
  await host.countJira()
  const serving = await startServe(bench, { file, port })
  try {
    const { seconds, requests, refused } = await untilDelivered(bench, issues)
    const memory = serving.peaks.node / 1024
    bench.report.add({ benchmark, name: `${issues} issues`, unit: 's', reached: seconds })
    bench.report.add({
      benchmark,
      name: 'share of what the rate limit allows',
      unit: '',
      // The bucket is full at the beginning.
      reached: requests / (REQUESTS_PER_SECOND * (seconds + 1)),
      asked: atLeast(0.95),
    })
    bench.report.add({ benchmark, name: 'requests beyond the limit', unit: '', reached: refused, asked: atMost(0) })
    bench.report.add({ benchmark, name: 'requests for each issue', unit: '', reached: requests / issues })
    bench.report.add({ benchmark, name: 'peak memory of our process', unit: 'MiB', reached: memory, asked: atMost(300) })
  } finally {
    await serving.stop()
  }
}

/** From Jira's first answer to the last issue. */
async function untilDelivered(bench: Bench, issues: number): Promise<JiraCount & { readonly seconds: number }> {
  const host = await bench.host()
  const deadline = performance.now() + LONGEST_MS
  let total: JiraCount = { requests: 0, refused: 0, properties: 0 }
  let startedAt: number | null = null
  while (total.properties < issues) {
    if (performance.now() > deadline) throw new Error(`${total.properties} of ${issues} issues were delivered`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const more = await host.countJira()
    if (more.requests > 0) startedAt ??= performance.now() - 50
    total = {
      requests: total.requests + more.requests,
      refused: total.refused + more.refused,
      properties: total.properties + more.properties,
    }
  }
  return { ...total, seconds: (performance.now() - (startedAt ?? 0)) / 1_000 }
}

function countIssues(file: string): number {
  const database = new DatabaseSync(join(file, '..', 'data', 'connector.sqlite'), { readOnly: true })
  try {
    return Number(database.prepare('select count(*) as n from issues').get()?.['n'] ?? 0)
  } finally {
    database.close()
  }
}
