import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBench, type Bench } from './bench.ts'
import { buildPackage } from './build-package.ts'
import { benchNewCommits, benchNoChange } from './changes.ts'
import { benchDeliver } from './deliver.ts'
import { createReport } from './figures.ts'
import { benchIdle } from './idle.ts'
import { benchImport, benchMemory } from './import.ts'
import { benchIssueKeys } from './issue-keys.ts'
import { parseOptions, USAGE, type BenchOptions } from './options.ts'
import { benchLive } from './live.ts'
import { benchPages } from './pages.ts'
import { benchPanel } from './panel.ts'
import { benchRestart } from './serve.ts'
import { benchSweep } from './sweep.ts'
import { benchWebhook } from './webhook.ts'

/** In this order; each imports what it needs itself, so that it can run alone. */
const BENCHMARKS: readonly (readonly [string, (bench: Bench) => Promise<void>])[] = [
  ['import', benchImport],
  ['no-change', benchNoChange],
  ['new-commits', benchNewCommits],
  ['idle', benchIdle],
  ['sweep', benchSweep],
  ['issue-keys', benchIssueKeys],
  ['restart', benchRestart],
  ['webhook', benchWebhook],
  ['live', benchLive],
  ['panel', benchPanel],
  ['pages', benchPages],
  ['deliver', benchDeliver],
  ['memory', benchMemory],
]

process.exitCode = await main(process.argv.slice(2))

/** Runs the benchmarks; 1 when one could not be run, whatever the figures say. */
async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv)
  if (options === null) return 2
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-bench-'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true, force: true })
      // The host notices that its channel is gone and ends by itself.
      process.exit(1)
    })
  }
  const report = createReport((line) => console.log(line))
  const failures: { benchmark: string; error: string }[] = []
  let bench: Bench | null = null
  try {
    const launcher = await buildPackage(join(folder, 'package'))
    bench = createBench({ options, report, folder, env: process.env, launcher })
    for (const [name, run] of BENCHMARKS) {
      if (options.names.length > 0 && !options.names.includes(name)) continue
      console.log(`\n${name}`)
      try {
        await run(bench)
      } catch (error) {
        failures.push({ benchmark: name, error: error instanceof Error ? error.message : String(error) })
        console.log(`  failed: ${failures.at(-1)?.error}`)
      }
    }
  } finally {
    await bench?.close()
    await rm(folder, { recursive: true, force: true })
  }
  const missed = report.figures.filter(({ ok }) => ok === false).map(({ benchmark, name }) => `${benchmark}: ${name}`)
  console.log(`\n${missed.length === 0 ? 'Everything asked was reached.' : `Not reached: ${missed.join(', ')}`}`)
  const machine = { node: process.version, platform: `${process.platform}-${process.arch}`, cores: cpus().length }
  const { names: _names, ...sizes } = options
  console.log(JSON.stringify({ machine, options: sizes, figures: report.figures, failures }))
  return failures.length > 0 ? 1 : 0
}

function readOptions(argv: readonly string[]): BenchOptions | null {
  try {
    const options = parseOptions(argv)
    const known = BENCHMARKS.map(([name]) => name)
    const unknown = options.names.filter((name) => !known.includes(name))
    if (unknown.length > 0) throw new Error(`There is no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}.`)
    return options
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    return null
  }
}
