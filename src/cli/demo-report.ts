import { countStoredByRepository } from '../db/views/repository-counts.ts'
import type { IssueKey } from '../domain/ids.ts'
import { listRepositories } from '../db/stores/repositories.ts'
import type { AppContext } from '../app/app-context.ts'
import { readMessages } from '../sandbox/read-messages.ts'
import type { CommandContext } from './command.ts'
import type { DemoWorld } from './demo-world.ts'

export interface DemoReport {
  readonly app: AppContext
  readonly world: DemoWorld
  readonly context: CommandContext
  readonly importedMs: number
  readonly totalMs: number
}

/**
 * Prints what was linked and proves it: every issue that `git log` of the served repositories names must carry, in the
 * Jira, a property that counts at least those commits.
 */
export async function printDemoReport({ app, world, context, importedMs, totalMs }: DemoReport): Promise<boolean> {
  const repositories = await listRepositories(app.db.read, { limit: 1_000 })
  const stored = await countStoredByRepository(app.db.read)
  const rows = repositories.map((repository) => {
    const counts = stored.get(repository.id)
    return [
      repository.name,
      String(repository.sync.progress.commits),
      String(counts?.commits ?? 0),
      String(repository.sync.progress.branches),
      String(counts?.pullRequests ?? 0),
      String(counts?.builds ?? 0),
      String(counts?.deployments ?? 0),
      String(counts?.issues ?? 0),
    ]
  })
  printTable(context, [
    ['Repository', 'Commits', 'with keys', 'Branches', 'Merge requests with keys', 'Builds', 'Deployments', 'Keys'],
    ...rows,
  ])
  const { expected, missing } = await compareWithJira({ world, context })
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  context.out.write(
    `\nHistory imported after ${seconds(importedMs)} s, everything on the issues after ${seconds(totalMs)} s.\n` +
      (expected === 0
        ? 'No commit names an issue of the Jira.\n'
        : `${expected - missing.length} of ${expected} issues that the commits name show them in Jira.\n`),
  )
  if (missing.length > 0) context.out.write(`Missing: ${missing.slice(0, 20).join(', ')}\n`)
  return missing.length === 0
}

interface Comparison {
  readonly expected: number
  readonly missing: readonly string[]
}

async function compareWithJira({ world, context }: Pick<DemoReport, 'world' | 'context'>): Promise<Comparison> {
  const commits = new Map<string, Set<string>>()
  for (const folder of world.folders) {
    for await (const { sha, message } of readMessages({ folder, env: context.env })) {
      for (const key of findKeysNaively(message)) {
        if (world.jira.world.findIssue(key) !== null) commits.set(key, (commits.get(key) ?? new Set()).add(sha))
      }
    }
  }
  const missing = [...commits].filter(([key, shas]) => countInProperty(world, key) < shas.size).map(([key]) => key)
  return { expected: commits.size, missing }
}

/** Not the connector's own rule, so that both cannot share one mistake: words, then a pattern for each. */
function findKeysNaively(message: string): IssueKey[] {
  return message.split(/[^\p{L}\p{Nd}_-]+/u).flatMap((word) => {
    const match = /^-*([A-Z][A-Z0-9_]+-[1-9][0-9]*)[_-]*$/.exec(word)
    return match?.[1] === undefined ? [] : [match[1] as IssueKey]
  })
}

function countInProperty({ jira }: DemoWorld, key: string): number {
  const value = jira.world.findIssue(key)?.properties.get('dvcs-development')
  if (typeof value !== 'object' || value === null || !('summary' in value)) return 0
  const { summary } = value
  return typeof summary === 'object' && summary !== null && 'commits' in summary ? Number(summary.commits) : 0
}

function printTable({ out }: CommandContext, rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  out.write('\n')
  for (const row of rows) {
    out.write(
      `${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}\n`,
    )
  }
}
