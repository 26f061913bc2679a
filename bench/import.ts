import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { configure, countStoredCommits, runRawGit, runSync, type Bench, type History } from './bench.ts'
import { atMost, highest, median } from './figures.ts'
import type { Measured } from './run-measured.ts'

/** Peak memory of our process, whatever the length of the history. */
const MAX_MIB = 300
const MAX_RATIO = 1.6

/** A first import against the least that git itself needs for the same, by turns. */
export async function benchImport(bench: Bench): Promise<void> {
  const history = await bench.history()
  const raw: Measured[] = []
  const own: Measured[] = []
  for (let round = 0; round < bench.options.rounds; round += 1) {
    raw.push(await cloneAndLog(bench, history))
    own.push(await importOnce(bench, history, 'import'))
  }
  const seconds = median(own.map((run) => run.seconds)) ?? 0
  const rawSeconds = median(raw.map((run) => run.seconds)) ?? 0
  const add = (name: string, unit: string, reached: number | null) =>
    bench.report.add({ benchmark: 'import', name, unit, reached })
  add('git clone and git log', 's', rawSeconds)
  add('jira-dvcs sync, from start to exit', 's', seconds)
  bench.report.add({ benchmark: 'import', name: 'ratio', unit: '×', reached: seconds / rawSeconds, asked: atMost(MAX_RATIO) })
  add('computing time of git clone and git log', 's', median(raw.flatMap((run) => run.cpuSeconds ?? [])))
  add('computing time of jira-dvcs sync and its git', 's', median(own.flatMap((run) => run.cpuSeconds ?? [])))
  add('commits per second', '/s', history.shape.commits / seconds)
  bench.report.add({
    benchmark: 'import',
    name: 'peak memory of our process',
    unit: 'MiB',
    reached: highest(own.map((run) => run.nodeMiB)),
    asked: atMost(MAX_MIB),
  })
  add("peak memory of git's largest process", 'MiB', highest(own.map((run) => run.gitMiB)))
}

/** A history several times as long, once: memory must not follow it. */
export async function benchMemory(bench: Bench): Promise<void> {
  const owner = 'long'
  const { shape } = await bench.history()
  const long = { ...shape, commits: bench.options.longCommits }
  const history: History = { owner, shape: long, gitUrl: await (await bench.host()).addHistory(owner, long) }
  const run = await importOnce(bench, history, 'memory')
  const name = `peak memory of our process, ${long.commits} commits`
  bench.report.add({ benchmark: 'memory', name, unit: 'MiB', reached: run.nodeMiB, asked: atMost(MAX_MIB) })
  bench.report.add({ benchmark: 'memory', name: "peak memory of git's largest process", unit: 'MiB', reached: run.gitMiB })
  bench.report.add({ benchmark: 'memory', name: 'seconds', unit: 's', reached: run.seconds })
  await rm(join(bench.folder, 'memory'), { recursive: true, force: true })
}

async function cloneAndLog(bench: Bench, { gitUrl }: History): Promise<Measured> {
  const folder = join(bench.folder, 'raw.git')
  await rm(folder, { recursive: true, force: true })
  const clone = await runRawGit(bench, ['clone', '--quiet', '--bare', '--filter=tree:0', gitUrl, folder])
  const log = await runRawGit(bench, ['--git-dir', folder, 'log', '--no-mailmap', '--all'])
  return {
    ...log,
    seconds: clone.seconds + log.seconds,
    cpuSeconds: clone.cpuSeconds === null || log.cpuSeconds === null ? null : clone.cpuSeconds + log.cpuSeconds,
  }
}

async function importOnce(bench: Bench, history: History, name: string): Promise<Measured> {
  const file = await configure(bench, { name, owner: history.owner })
  const run = await runSync(bench, file)
  const stored = countStoredCommits(file)
  const expected = history.shape.commits * history.shape.keyed
  if (Math.abs(stored - expected) > Math.max(expected * 0.1, 100))
    throw new Error(`${stored} commits with keys were stored, about ${expected} are there`)
  return run
}
