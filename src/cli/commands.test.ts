import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findNode } from '../../tools/with-node.mjs'
import { packageRoot } from '../lib/package-root.ts'
import { silentLogger } from '../lib/logger.ts'
import { systemClock } from '../lib/clock.ts'
import { createDemoWorld, type DemoWorld } from './demo-world.ts'

let folder = ''
let world: DemoWorld
const environment = () => ({
  PATH: process.env['PATH'],
  TEST_GITLAB_TOKEN: world.gitlabToken,
  TEST_HOOK_TOKEN: world.hookToken,
  TEST_JIRA_TOKEN: world.jiraToken,
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-commands-'))
  world = await createDemoWorld({
    folder,
    repositories: [],
    cwd: folder,
    env: process.env,
    clock: systemClock,
    log: silentLogger,
  })
  await writeFile(
    join(folder, 'connector.yaml'),
    `server:
  listen: 127.0.0.1:0
  adminToken: test-administration
dataDir: ./data
jira:
  url: ${world.jira.url}
  token: \${TEST_JIRA_TOKEN}
accounts:
  - id: acme
    host: gitlab
    url: ${world.gitlab.url}
    owner: acme
    token: \${TEST_GITLAB_TOKEN}
    webhooks: off
`,
  )
})
const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})
afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

function startWith(
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const child = spawn(findNode() ?? process.execPath, [join(packageRoot, 'src/main.ts'), ...args], { cwd: folder, env })
  running.add(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve)).finally(() => running.delete(child))
  return { child, output: () => text, ended }
}

const start = (...args: string[]) => startWith(environment(), args)

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const { output, ended } = start(...args)
  return { code: await ended, output: output() }
}

const config = ['--config', 'connector.yaml'] as const

describe('the commands, as a user runs them', () => {
  it('doctor finds every connection working', async () => {
    const { code, output } = await run('doctor', ...config)

    expect(output).toMatch(/ok {4} {2}acme, token/)
    expect(output).toMatch(/ok {4} {2}Jira, token/)
    expect(output).not.toContain(world.gitlabToken)
    // As in the first steps: tested first, started then.
    expect(output).toMatch(/ok {4} {2}Webhooks, own address: .* not running yet/)
    expect(output).not.toMatch(/^failed/m)
    expect(code).toBe(0)
  })

  it('sync imports one repository when one is named, and leaves Jira alone when told', async () => {
    const { code, output } = await run('sync', 'acme/payments', '--no-deliver', ...config)

    expect(output).toMatch(/acme\/payments: 900 commits/)
    expect(output).not.toMatch(/acme\/shop: \d/)
    expect(code).toBe(0)
    expect(world.jira.writes().properties).toBe(0)
  })

  it('sync imports everything else and delivers it', async () => {
    const { code, output } = await run('sync', ...config)

    expect(output).toMatch(/acme\/shop: 15\d\d commits/)
    expect(output).toMatch(/Jira: 30\d issues up to date, 0 refused/)
    expect(code).toBe(0)
  })

  it('why tells the way of a commit to Jira, and ends with 1 when nothing is known', async () => {
    const issue = await run('why', 'SHOP-1', ...config)
    const nothing = await run('why', 'no-such-branch', ...config)

    expect(issue).toMatchObject({
      code: 0,
      output: expect.stringMatching(/Issue SHOP-1\n {2}yes {4}Jira has the project SHOP\./),
    })
    expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining('Nothing is known of it.') })
  })

  it('serve takes requests of other commands through its socket and stops within seconds', async () => {
    const serving = start('serve', ...config)
    await expect.poll(serving.output, { timeout: 15_000 }).toMatch(/The connector listens on http:/)
    const address = /http:\/\/[0-9.:]+/.exec(serving.output())?.[0] ?? ''

    const ready = await fetch(`${address}/readyz`)
    const second = await run('serve', ...config)
    const known = await run('why', 'SHOP-1', ...config)
    const full = await run('sync', 'acme/platform/infrastructure', '--full', ...config)

    expect(ready.status).toBe(200)
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining('belongs to another running connector') })
    expect(full).toMatchObject({ code: 0, output: expect.stringContaining('A connector runs on this data folder') })
    expect(known).toMatchObject({ code: 0, output: expect.stringContaining('Jira has the project SHOP.') })
    expect(full.output).toMatch(/acme\/platform\/infrastructure: 60\d commits/)
    const askedToStopAt = performance.now()
    serving.child.kill('SIGTERM')
    expect(await serving.ended).toBe(0)
    expect(performance.now() - askedToStopAt).toBeLessThan(10_000)
  })

  it('sync ends with 1 and one line when it is interrupted', async () => {
    const interrupted = start('sync', '--full', '--no-deliver', ...config)
    await expect.poll(interrupted.output, { timeout: 15_000 }).toMatch(/history/)

    interrupted.child.kill('SIGINT')

    expect(await interrupted.ended).toBe(1)
    expect(interrupted.output()).toMatch(/Stopped before the end/)
    expect(interrupted.output()).not.toMatch(/ at .*\.ts:/)
  })

  it('sync ends with 1 and says what to do when the token is refused', async () => {
    const wrong = { ...environment(), TEST_GITLAB_TOKEN: 'glpat-wrong-token-000000' }
    const broken = startWith(wrong, ['sync', '--no-deliver', ...config])

    const code = await broken.ended

    const output = broken.output()
    expect(code).toBe(1)
    expect(output).toMatch(/acme: .*token/i)
    expect(output).not.toContain('glpat-wrong-token-000000')
  })
})
