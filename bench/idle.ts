import { configure, runSync, type Bench } from './bench.ts'
import { atMost, highest, median } from './figures.ts'
import type { Measured } from './run-measured.ts'

/** A sweep of many repositories in which nothing happened for a month. */
export async function benchIdle(bench: Bench): Promise<void> {
  const benchmark = 'idle'
  const count = bench.options.repositories
  const host = await bench.host()
  await host.addIdle('idle', count)
  const file = await configure(bench, { name: benchmark, owner: 'idle' })
  const first = await runSync(bench, file)
  bench.report.add({ benchmark, name: `first import of ${count} small repositories`, unit: 's', reached: first.seconds })
  const runs: Measured[] = []
  const requests: number[] = []
  for (let round = 0; round < bench.options.rounds; round += 1) {
    await host.countRequests()
    runs.push(await runSync(bench, file))
    requests.push(await host.countRequests())
  }
  bench.report.add({
    benchmark,
    name: 'requests',
    unit: '',
    reached: highest(requests),
    asked: atMost(Math.ceil(count / 100) + 2),
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
