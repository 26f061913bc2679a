import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSandboxGitLab, type SandboxGitLab } from '../gitlab/sandbox-gitlab.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock, START } from '../gitlab/test-setup.ts'
import { silentLogger } from '../../lib/logger.ts'
import { generateHistory, type HistoryOptions } from './generate-history.ts'
import { seedSandbox } from './seed-sandbox.ts'

const OPTIONS: HistoryOptions = { seed: 7, commits: 3_000, projects: ['SHOP', 'PAY', 'OPS'], issuesPerProject: 120, until: START }
let folder: string
let gitlab: SandboxGitLab

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-history-'))
  gitlab = await createSandboxGitLab({ folder, clock: manualClock(), env: process.env, log: silentLogger })
})
afterEach(async () => {
  await gitlab.close()
  await rm(folder, { recursive: true, force: true })
})

const messages = (options: HistoryOptions) =>
  generateHistory(options).repositories.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.kind === 'commit' ? [String(entry.message)] : [])),
  )

it('gives the same history for the same seed and another for another', () => {
  expect(messages(OPTIONS)).toEqual(messages(OPTIONS))
  expect(messages({ ...OPTIONS, seed: 8 })).not.toEqual(messages(OPTIONS))
})

it('reads like a real product', () => {
  const { summary, repositories } = generateHistory(OPTIONS)
  const ordinary = summary.commits - summary.merges

  expect(summary.commits).toBe(3_000)
  expect(summary.commitsWithKey / ordinary).toBeGreaterThan(0.5)
  expect(summary.commitsWithKey / ordinary).toBeLessThan(0.7)
  expect(summary.commitsWithFalseKey).toBeGreaterThan(20)
  expect(summary.merges).toBeGreaterThan(200)
  expect(summary.liveBranches).toBeGreaterThanOrEqual(18)
  expect(summary.liveBranches).toBeLessThanOrEqual(24)
  expect(summary.mergeRequests.closed).toBeGreaterThan(5)
  const all = messages(OPTIONS)
  for (const shape of [
    /^SHOP-\d+ \w/,
    /^PAY-\d+: /,
    /^\[OPS-\d+\]/,
    /\(SHOP-\d+\)$/m,
    /\n\nRefs: PAY-\d+/,
    /^SHOP-\d+, \w+-\d+: /,
    /UTF-8/,
    /SHA-256/,
  ]) {
    expect(
      all.some((message) => shape.test(message)),
      String(shape),
    ).toBe(true)
  }
  const names = repositories.flatMap(({ mergeRequests }) => mergeRequests.map(({ sourceBranch }) => sourceBranch))
  expect(names.some((name) => /^SHOP-\d+-[a-z-]+$/.test(name))).toBe(true)
  expect(names.some((name) => /^feature\/pay-\d+-[a-z-]+$/.test(name))).toBe(true)
})

it('keeps to working hours of the two years before the end', () => {
  const times = generateHistory(OPTIONS).repositories.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.kind === 'commit' ? [entry.authoredAt] : [])),
  )

  expect(Math.min(...times.map(Number))).toBeGreaterThan(START.getTime() - 735 * 86_400_000)
  expect(Math.max(...times.map(Number))).toBeLessThan(START.getTime())
  expect(times.filter((time) => [0, 6].includes(time.getUTCDay()))).toEqual([])
})

it('fills a sandbox in seconds, with what the summary says', async () => {
  const seeded = await seedSandbox(gitlab, { until: START, env: process.env })

  const counts = await Promise.all(
    seeded.projects.map((project) => gitlab.git(project, ['rev-list', '--count', '--branches', '--glob=refs/merge-requests/*'])),
  )
  const ofFork = 1
  expect(counts.map(Number).reduce((a, b) => a + b)).toBe(seeded.summary.commits + ofFork)
  expect(seeded.projects.map((project) => gitlab.pathOf(project))).toEqual([
    'acme/shop',
    'acme/payments',
    'acme/platform/infrastructure',
  ])
  expect(seeded.projects.reduce((sum, { refs }) => sum + refs.size - 1, 0)).toBe(seeded.summary.liveBranches)
  const requests = seeded.projects.flatMap(({ mergeRequests }) => mergeRequests)
  const { opened, merged, closed } = seeded.summary.mergeRequests
  expect(requests).toHaveLength(opened + merged + closed)
  expect(requests.filter(({ sourceProjectId, projectId }) => sourceProjectId !== projectId)).toHaveLength(1)
  expect(requests.some(({ title }) => title.startsWith('Draft: '))).toBe(true)
  expect(requests.some(({ approvals }) => approvals.length > 0)).toBe(true)
  expect(requests.some(({ notes }) => notes.length > 0)).toBe(true)
  expect(requests.every(({ sha }) => /^[0-9a-f]{40}$/.test(sha))).toBe(true)
}, 20_000)

it('lets the token read, and not write', async () => {
  const { token, group } = await seedSandbox(gitlab, { until: START, env: process.env, commits: 150 })
  const headers = { 'private-token': token.value }

  const list = await fetch(`${gitlab.url}/api/v4/groups/${group.id}/projects?include_subgroups=true`, { headers })
  const hook = await fetch(`${gitlab.url}/api/v4/projects/501/hooks`, { method: 'POST', headers })

  expect(((await list.json()) as unknown[]).length).toBe(3)
  expect(hook.status).toBe(403)
})
