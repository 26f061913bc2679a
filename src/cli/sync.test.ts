import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { listRepositories } from '../db/stores/repositories.ts'
import { ISSUE_PROPERTY_NAME } from '../jira/issue-property.ts'
import { silentLogger } from '../lib/logger.ts'
import { fastImport } from '../sandbox/fast-import.ts'
import type { Project } from '../sandbox/gitlab/model.ts'
import { startConnector, type RunningConnector } from './serve.ts'
import { runCommand, startTestSandboxes, type TestSandboxes } from './test-sandboxes.ts'

const HOUR_MS = 60 * 60_000
let folder = ''
let sandboxes: TestSandboxes
const closers: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-sync-'))
  sandboxes = await startTestSandboxes()
  closers.push(() => rm(folder, { recursive: true, force: true }), sandboxes.close)
  await addRepository('shop', 'SHOP-1 first')
  await writeConfig()
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function writeConfig(account: object = {}, more: object = {}): Promise<void> {
  const { jira, account: whole } = sandboxes.config
  const config = {
    server: { listen: '127.0.0.1:0', adminToken: 'test-administration' },
    dataDir: './data',
    jira: { ...jira, webhooks: 'off', poll: 'off' },
    accounts: [{ ...whole, ...account }],
    ...more,
  }
  await writeFile(join(folder, 'connector.yaml'), JSON.stringify(config))
}

/** A repository with one commit; what happened hours ago, GitLab says so. */
async function addRepository(path: string, message: string, { hoursAgo = 0 } = {}): Promise<Project> {
  const { gitlab, acme } = sandboxes
  const project = await gitlab.addProject({ namespace: acme, path })
  await push(project, message)
  project.lastActivityAt = new Date(Date.now() - hoursAgo * HOUR_MS)
  return project
}

async function push(project: Project, message: string): Promise<void> {
  const parent = project.refs.get('refs/heads/main')
  const parents = parent === undefined ? [] : [parent]
  const author = { name: 'Ann Ember', email: 'ann@example.com' }
  const commit = { kind: 'commit', ref: 'refs/heads/main', mark: 1, parents, author, authoredAt: new Date() } as const
  await fastImport({ folder: project.folder, env: process.env, entries: [{ ...commit, message: `${message}\n` }] })
  await sandboxes.gitlab.readRepository(project)
}

const sync = (...args: string[]) => runCommand(['sync', ...args, '--config', 'connector.yaml'], { cwd: folder })

async function serve(): Promise<RunningConnector> {
  const env = { PATH: process.env['PATH'] }
  const config = loadConfig({ file: join(folder, 'connector.yaml'), env, cwd: folder })
  const running = await startConnector({ config, role: 'all', env, log: silentLogger })
  closers.push(running.stop)
  return running
}

const isShown = (key: string) => sandboxes.jira.world.findIssue(key)?.properties.has(ISSUE_PROPERTY_NAME) === true

describe('sync alone', () => {
  it('refuses a repository that there is not, and one that is not linked', async () => {
    await writeConfig({ autoLink: false })

    expect(await sync('acme/typo')).toMatchObject({ code: 2, output: expect.stringContaining('Acme has no repository "typo"') })
    expect(await sync('acme/shop')).toMatchObject({ code: 2, output: expect.stringContaining('"shop" of Acme is not linked') })
  })

  it('says what is wrong with the account, not with the name, when it cannot be listed', async () => {
    await writeConfig({ token: 'glpat-wrong-token-000000' })

    const { code, output } = await sync('acme/typo')

    expect(code).toBe(1)
    expect(output).toMatch(/Acme: .*token/i)
    expect(output).not.toContain('no repository')
  })
})

describe('sync beside a running connector', () => {
  it('waits for the first listing, follows what it finds, and the delivery', async () => {
    await serve()

    const { code, output } = await sync()

    expect(output).toContain('A connector runs on this data folder')
    expect(output).toMatch(/Acme: 1 repositories, 1 linked/)
    expect(output).toMatch(/Jira: 1 issues up to date, 0 refused/)
    expect(code).toBe(0)
    expect(isShown('SHOP-1')).toBe(true)
  })

  it('follows repositories that are new at the host, and leaves those alone that did not change', async () => {
    await addRepository('old', 'SHOP-2 long ago', { hoursAgo: 5 })
    const { connector } = await serve()
    await sync()
    await addRepository('fresh', 'SHOP-3 new')

    const { code, output } = await sync()

    expect(code).toBe(0)
    expect(output).toMatch(/acme\/fresh: 1 commits/)
    expect(isShown('SHOP-3')).toBe(true)
    const { read } = connector.app.db
    const startedBefore = new Map((await listRepositories(read, { limit: 10 })).map((one) => [one.name, one.sync.startedAt]))
    await sync()
    const startedAfter = new Map((await listRepositories(read, { limit: 10 })).map((one) => [one.name, one.sync.startedAt]))
    expect(startedAfter.get('acme/old')).toEqual(startedBefore.get('acme/old'))
  }, 120_000)

  it('looks into what is named, or wanted in full, although nothing says that it changed', async () => {
    await addRepository('old', 'SHOP-2 long ago', { hoursAgo: 5 })
    await serve()
    await sync()

    const named = await sync('acme/old')
    const full = await sync('acme', '--full')

    expect(named).toMatchObject({ code: 0, output: expect.stringMatching(/acme\/old: \d/) })
    expect(named.output).not.toContain('acme/shop')
    expect(full).toMatchObject({ code: 0, output: expect.stringMatching(/acme\/old: \d/) })
  }, 120_000)

  it('refuses a repository that there is not, also after a listing, and finds one that is new', async () => {
    await serve()
    await addRepository('late', 'SHOP-4 late')

    expect(await sync('acme/typo')).toMatchObject({ code: 2, output: expect.stringContaining('Acme has no repository "typo"') })
    expect(await sync('acme/late')).toMatchObject({ code: 0, output: expect.stringContaining('Jira: ') })
    expect(isShown('SHOP-4')).toBe(true)
  })

  it.each([
    ['with the schedule', {}],
    ['without a schedule', { sync: { interval: 'off' } }],
  ])('says why a listing failed, %s', async (_how, more) => {
    await writeConfig({}, more)
    await serve()
    await sync()
    sandboxes.token.revoked = true

    const { code, output } = await sync()

    expect(output).toMatch(/Acme: .*token/i)
    expect(code).toBe(1)
  })

  it('refuses --no-deliver, which it could not keep', async () => {
    await serve()

    expect(await sync('--no-deliver')).toMatchObject({ code: 2, output: expect.stringContaining('--no-deliver') })
  })
})
