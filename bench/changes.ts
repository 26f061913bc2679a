import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { configure, runConnector, runRawGit, runSync, type Bench } from './bench.ts'
import { atMost, highest, median } from './figures.ts'
import type { Measured } from './run-measured.ts'

const MAX_MIB = 300
const FETCH = ['fetch', '--quiet', '--no-tags', 'origin', '+refs/heads/*:refs/heads/*']

/** A repository that is imported already and in which nothing changed: its branches are asked for and compared. */
export async function benchNoChange(bench: Bench): Promise<void> {
  await compare(bench, { benchmark: 'no-change', change: () => Promise.resolve() })
}

/** A push of many commits to a repository that is imported already. */
export async function benchNewCommits(bench: Bench): Promise<void> {
  const { owner, shape } = await bench.history()
  const host = await bench.host()
  const count = bench.options.newCommits
  await compare(bench, { benchmark: 'new-commits', change: (round) => host.addCommits(owner, { shape, count, round }) })
}

async function compare(
  bench: Bench,
  { benchmark, change }: { benchmark: string; change: (round: number) => Promise<void> },
): Promise<void> {
  const { owner, gitUrl } = await bench.history()
  const folder = join(bench.folder, `${benchmark}.git`)
  await runRawGit(bench, ['clone', '--quiet', '--bare', '--filter=tree:0', gitUrl, folder])
  const file = await configure(bench, { name: benchmark, owner })
  await runSync(bench, file)
  const raw: number[] = []
  const own: Measured[] = []
  for (let round = 0; round < bench.options.rounds; round += 1) {
    await change(round)
    const tips = execFileSync('git', ['--git-dir', folder, 'for-each-ref', '--format=%(objectname)'], { encoding: 'utf8' })
      .trim()
      .split('\n')
    const fetch = await runRawGit(bench, ['--git-dir', folder, ...FETCH])
    const log = await runRawGit(bench, ['--git-dir', folder, 'log', '--no-mailmap', '--all', '--not', ...tips])
    raw.push(fetch.seconds + log.seconds)
    own.push(await runConnector(bench, ['sync', `${owner}/history`, '--no-deliver', '--config', file]))
  }
  const seconds = median(own.map((run) => run.seconds)) ?? 0
  const rawSeconds = median(raw) ?? 0
  bench.report.add({ benchmark, name: 'git fetch and git log', unit: 's', reached: rawSeconds })
  bench.report.add({ benchmark, name: 'jira-dvcs sync, from start to exit', unit: 's', reached: seconds })
  bench.report.add({ benchmark, name: 'ratio', unit: '×', reached: seconds / rawSeconds })
  bench.report.add({
    benchmark,
    name: 'peak memory of our process',
    unit: 'MiB',
    reached: highest(own.map((run) => run.nodeMiB)),
    asked: atMost(MAX_MIB),
  })
}
