import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { configure, runSync, type Bench } from './bench.ts'
import { atMost, highest, median } from './figures.ts'
import type { Measured } from './run-measured.ts'

const REPOSITORIES = 10_000

/**
 * A sweep of ten thousand repositories in which nothing happened for a month. Their first import is left out: they are
 * listed, then marked as linked and imported.
 */
export async function benchSweep(bench: Bench): Promise<void> {
  const benchmark = 'sweep'
  const host = await bench.host()
  await host.addShared('many', REPOSITORIES)
  const file = await configure(bench, { name: benchmark, owner: 'many' })
  await writeFile(file, readFileSync(file, 'utf8').replace(`webhooks: 'off'`, `webhooks: 'off'\n    autoLink: false`))
  await runSync(bench, file)
  markImported(file)
  const runs: Measured[] = []
  const requests: number[] = []
  for (let round = 0; round < bench.options.rounds; round += 1) {
    await host.countRequests()
    runs.push(await runSync(bench, file))
    requests.push(await host.countRequests())
  }
  bench.report.note(`${REPOSITORIES} repositories`)
  bench.report.add({
    benchmark,
    name: 'requests',
    unit: '',
    reached: highest(requests),
    asked: atMost(REPOSITORIES / 100 + 2),
  })
  bench.report.add({
    benchmark,
    name: 'computing time of jira-dvcs sync, from start to exit',
    unit: 's',
    reached: highest(runs.map((run) => run.cpuSeconds)),
    asked: atMost(60),
  })
  bench.report.add({
    benchmark,
    name: 'jira-dvcs sync, from start to exit',
    unit: 's',
    reached: median(runs.map((run) => run.seconds)),
  })
  bench.report.add({
    benchmark,
    name: 'peak memory of our process',
    unit: 'MiB',
    reached: highest(runs.map((run) => run.nodeMiB)),
    asked: atMost(300),
  })
}

/** @throws Error when the listing did not store all of them: then a sweep would measure nothing. */
function markImported(file: string): void {
  const database = new DatabaseSync(join(file, '..', 'data', 'connector.sqlite'))
  try {
    const { changes } = database
      .prepare('update repositories set linked = 1, sync_started_at = host_activity_at, sync_finished_at = host_activity_at')
      .run()
    if (Number(changes) !== REPOSITORIES) throw new Error(`${changes} repositories were listed`)
  } finally {
    database.close()
  }
}
