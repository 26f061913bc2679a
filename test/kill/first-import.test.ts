import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readContent } from '../../src/app/test-content.ts'
import { openSqlite } from '../../src/db/sqlite.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../../src/sandbox/gitlab/sandbox-gitlab.ts'
import {
  createImportPlace,
  fillGitLab,
  finish,
  killWhen,
  readImportState,
  startImport,
  type ImportPlace,
} from './test-import-run.ts'

const COMMITS = 20_000
const KILLS = 10
const MIDWAY = 8
/** An attempt that ends before it is killed counts for nothing. */
const MOST_ATTEMPTS = 30

let folder: string
let gitlab: SandboxGitLab
let token: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-kill-'))
  gitlab = await createSandboxGitLab({ folder: join(folder, 'gitlab'), clock: systemClock, env: process.env, log: silentLogger })
  token = (await fillGitLab(gitlab, COMMITS)).value
})
afterAll(async () => {
  await gitlab.close()
  await rm(folder, { recursive: true, force: true })
})

const place = (name: string) => createImportPlace(join(folder, name), { url: gitlab.url, token })

/** Starts the import and kills it at a random moment: most often by how far it has come, sometimes by the time alone. */
async function killSomewhere(
  at: ImportPlace,
  durationMs: number,
): Promise<{ killed: boolean; midway: boolean; commits: number }> {
  const startedAt = performance.now()
  // The import before this one got as far; what is counted below was stored or met again by this one.
  const before = readImportState(at).generation
  const child = startImport(at)
  const target = Math.ceil(Math.random() * COMMITS)
  const deadline = Math.random() < 0.1 ? startedAt + Math.random() * durationMs : Number.POSITIVE_INFINITY
  const killed = await killWhen(child, () => performance.now() > deadline || countOwn(at, before) >= target)
  const { complete, running } = readImportState(at)
  const commits = countOwn(at, before)
  return { killed, commits, midway: killed && running && !complete && commits > 0 }
}

function countOwn(at: ImportPlace, generationBefore: number): number {
  const { commits, running, generation } = readImportState(at)
  return running && generation > generationBefore ? commits : 0
}

async function contentOf({ databaseFile }: ImportPlace) {
  const db = openSqlite(databaseFile)
  const content = await readContent(db.read)
  const interrupted = await db.read.selectFrom('syncs').select('outcome').where('outcome', '=', 'failed').execute()
  const running = await db.read.selectFrom('syncs').select('id').where('outcome', '=', 'running').execute()
  await db.close()
  return { content, interrupted: interrupted.length, running: running.length }
}

test('ten kills -9 during the first import end in the content of an undisturbed one', async () => {
  const undisturbed = await place('undisturbed')
  const startedAt = performance.now()
  expect(await finish(startImport(undisturbed))).toMatchObject({ code: 0 })
  const durationMs = performance.now() - startedAt

  let disturbed = await place('disturbed-0')
  const kills: { midway: boolean; commits: number }[] = []
  const midway = () => kills.filter((kill) => kill.midway).length
  for (let attempt = 1; kills.length < KILLS || midway() < MIDWAY; attempt++) {
    expect(attempt, JSON.stringify(kills)).toBeLessThanOrEqual(MOST_ATTEMPTS)
    const { killed, ...kill } = await killSomewhere(disturbed, durationMs)
    if (killed) kills.push(kill)
    // The import was quicker than the kill: what follows would find nothing to do.
    else disturbed = await place(`disturbed-${attempt}`)
  }
  const last = await finish(startImport(disturbed))

  expect(last, last.text).toMatchObject({ code: 0 })
  const expected = await contentOf(undisturbed)
  const found = await contentOf(disturbed)
  expect(expected.content['commits']?.length).toBeGreaterThanOrEqual(COMMITS)
  for (const [table, rows] of Object.entries(expected.content)) expect(found.content[table], table).toEqual(rows)
  expect(found.running).toBe(0)
  expect(found.interrupted).toBeGreaterThan(0)
  console.log(`${kills.length} kills, ${midway()} midway, after ${kills.map(({ commits }) => commits).join(', ')} commits`)
}, 180_000)
