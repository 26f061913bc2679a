import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { saveSetting } from '../../db/stores/settings.ts'
import { createGitProgram } from '../../git/git-program.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import { silentLogger } from '../../lib/logger.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { checkConnections, checkDeclared, checkGit, toOpenStep } from './check-connections.ts'
import type { DoctorStep } from './doctor-step.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function start(options: StoryOptions = {}): Promise<Story> {
  const story = await startStory(options)
  closers.push(() => story.close())
  return story
}

async function collect(steps: AsyncGenerator<DoctorStep, unknown, undefined>): Promise<DoctorStep[]> {
  const all: DoctorStep[] = []
  for await (const step of steps) all.push(step)
  return all
}

const examine = ({ app, signal }: Story) => collect(checkConnections(app, signal))
const failed = (steps: readonly DoctorStep[]) => steps.filter(({ ok }) => !ok)

describe('git', () => {
  const withBinary = (binary: string) =>
    checkGit(createGitProgram({ env: process.env, network: { proxy: null }, log: silentLogger, binary }))

  it('fails when it is missing', async () => {
    expect(await withBinary('no-such-git')).toEqual({
      subject: 'Git',
      name: 'version',
      ok: false,
      message: 'The git program could not be started (no-such-git).',
      remedy: expect.stringContaining('Install git'),
    })
  })

  it('fails when it is too old', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-doctor-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'git'), '#!/bin/sh\necho git version 2.20.1\n')
    await chmod(join(folder, 'git'), 0o755)

    expect(await withBinary(join(folder, 'git'))).toMatchObject({ ok: false, message: expect.stringContaining('2.20.1') })
  })
})

describe('what cannot be opened is named', () => {
  it.each([
    ['database-unavailable', 'Database', 'read and write'],
    ['job-queue-unavailable', 'Database', 'read and write'],
    ['key-file-damaged', 'Secret key', 'open'],
    ['secret-key-wrong', 'Secret key', 'open'],
    ['data-folder-unusable', 'Data folder', 'write'],
  ])('%s as %s, %s', (code, subject, name) => {
    const error = new ConnectorError(code, { userMessage: 'It is broken.', remedy: 'Mend it.' })

    expect(toOpenStep(error)).toEqual({ subject, name, ok: false, message: 'It is broken.', remedy: 'Mend it.' })
  })

  it('what nobody expected is no step', () => {
    expect(() => toOpenStep(new TypeError('a fault'))).toThrow('a fault')
  })
})

describe('what is stored', () => {
  it('works', async () => {
    const steps = await examine(await start())

    expect(failed(steps)).toEqual([])
    expect(steps.map(({ subject }) => subject)).toEqual(expect.arrayContaining(['Database', 'Jira', 'acme']))
  })

  it.each(['sqlite', 'postgres'] as const)('a database that was lost (%s) fails and ends it', async (kind) => {
    const story = await startStory({ kind })
    await story.close()

    expect(await examine(story)).toEqual([
      {
        subject: 'Database',
        name: 'read and write',
        ok: false,
        message: expect.stringContaining('The database could not be opened'),
        remedy: expect.any(String),
      },
    ])
  })

  it('without Jira and without accounts both are missing', async () => {
    const steps = await examine(await start({ jira: false, connector: { accounts: [] } }))

    expect(failed(steps).map(({ subject, name }) => `${subject}, ${name}`)).toEqual(['Jira, configured', 'Accounts, configured'])
  })

  it('a Jira that refuses the token fails, and the accounts are tested all the same', async () => {
    const story = await start()
    const { url } = story.jira
    const steps = await examine(await start({ connector: { jira: { url, token: 'wrong' } } }))

    expect(failed(steps)).toMatchObject([{ subject: 'Jira', name: 'token', remedy: expect.any(String) }])
    expect(steps.some(({ subject, name }) => subject === 'acme' && name === 'token')).toBe(true)
  })

  it('a Jira that does not answer fails', async () => {
    const story = await start()
    await story.jira.close()

    expect(failed(await examine(story))).toMatchObject([{ subject: 'Jira', remedy: expect.any(String) }])
  })

  it('another Jira than the connected one fails', async () => {
    const story = await start()
    const other = { serverId: 'OTHR-0000-0000-0000', baseUrl: 'https://other.example.com' }
    await story.app.db.write('interactive', (tx) => saveSetting(tx, 'jira.identity', JSON.stringify(other)))
    if (story.app.jira !== null) story.app.jira.identityCheck.trustedUntilMs = Number.NEGATIVE_INFINITY

    expect(failed(await examine(story))).toMatchObject([
      { subject: 'Jira', name: 'the same as before', remedy: expect.stringContaining('--accept-moved-jira') },
    ])
  })

  it('a GitLab that does not answer fails, and so does an account without credentials', async () => {
    const story = await start()
    await story.gitlab.close()
    expect(failed(await examine(story))).toMatchObject([{ subject: 'acme', name: 'reachable', remedy: expect.any(String) }])

    const refused = { get: () => Promise.reject(new ConnectorError('account-not-configured', { userMessage: 'None.' })) }
    const steps = await collect(
      checkConnections(
        { ...story.app, jira: story.app.jira, connections: { ...story.app.connections, ...refused } },
        story.signal,
      ),
    )
    expect(failed(steps)).toMatchObject([{ subject: 'acme', name: 'credentials', message: 'None.' }])
  })
})

describe('without a database', () => {
  it('Jira and the accounts of the configuration are tested, each to its end', async () => {
    const { app, signal } = await start()
    const { jira } = app
    const accounts = [
      { name: 'broken', connect: () => Promise.reject(new ConnectorError('address-invalid', { userMessage: 'No address.' })) },
      { name: 'acme', connect: () => app.connections.get('acme' as never) },
    ]

    const steps = await collect(checkDeclared({ jira, accounts }, signal))

    expect(failed(steps)).toMatchObject([{ subject: 'broken', message: 'No address.' }])
    expect(new Set(steps.map(({ subject }) => subject))).toEqual(new Set(['Jira', 'broken', 'acme']))
  })

  it('nothing is tested where the configuration names nothing', async () => {
    expect(await collect(checkDeclared({ jira: null, accounts: [] }, new AbortController().signal))).toEqual([])
  })
})
