import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createHttpApp } from '../../http/create-http-app.ts'
import { createLogger } from '../../lib/logger.ts'
import { Secret } from '../../lib/secret.ts'
import { HOUR_MS } from '../test-clock.ts'
import { startStory, type Story } from '../test-story.ts'

const ADMIN_TOKEN = 'planted-admin-token-0001'
const CLIENT_SECRET = 'planted-client-secret-0002'
const WEBHOOK_SECRET = 'planted-webhook-secret-0003'
const BROWSER_TOKEN = 'planted-browser-token-0004'
const HOOK_ADMIN_TOKEN = 'planted-hook-admin-token-0005'
const WRONG_TOKEN = 'planted-wrong-token-0006'

let story: Story
let folder = ''
afterEach(async () => {
  vi.unstubAllEnvs()
  await story.close()
  await rm(folder, { recursive: true, force: true })
})

/** A git before the real one that writes down how it was called. */
async function recordGitCalls(): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-secrets-'))
  const bin = join(folder, 'bin')
  const calls = join(folder, 'calls.log')
  await mkdir(bin)
  const path = process.env['PATH'] ?? ''
  await writeFile(join(bin, 'git'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${calls}'\nPATH='${path}' exec git "$@"\n`)
  await chmod(join(bin, 'git'), 0o755)
  vi.stubEnv('PATH', `${bin}${delimiter}${path}`)
  return calls
}

/** Every byte of the data folder's files, the database and its log included. */
async function readFolder(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))).join('\n')
}

test('no secret shows in logs, answers, arguments of git, or the data folder, whether things work or fail', async () => {
  const gitCalls = await recordGitCalls()
  const log: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void log.push(line) } })
  story = await startStory({ connector: { log: logger } })
  const { app, gitlab, secretBox } = story
  await story.project('shop', ['SHOP-1 first'])
  const serverUrl = app.settings.serverUrl
  const options = {
    app,
    secretBox,
    adminToken: new Secret(ADMIN_TOKEN),
    trustProxy: false,
    version: '1',
    abortSync: () => {},
    log: logger,
  }
  const http = await createHttpApp(options)
  const answers: string[] = []
  const send = async (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, token = ADMIN_TOKEN) => {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await http.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    answers.push(JSON.stringify([answer.statusCode, answer.headers, answer.body]))
    return answer
  }
  const application = gitlab.addApplication({ redirectUris: [`${serverUrl}/oauth/callback`], clientSecret: CLIENT_SECRET })
  gitlab.signInBrowser({ user: story.maintainer, decision: 'approve' })
  for (const value of [BROWSER_TOKEN, HOOK_ADMIN_TOKEN]) gitlab.createToken({ user: story.maintainer, scopes: ['api'], value })
  const place = { host: 'gitlab', url: gitlab.url, owner: 'acme' }
  const states: string[] = []
  const visit = async () => {
    const begun = await http.inject({
      method: 'POST',
      url: '/api/v1/accounts/web/authorize',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    })
    const url = new URL(begun.json<{ authorizationUrl: string }>().authorizationUrl)
    states.push(url.searchParams.get('state') ?? '')
    const back = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '')
    states.push(back.searchParams.get('code') ?? '')
    return `${back.pathname}${back.search}`
  }

  // What works.
  const oauth = { clientId: application.clientId, clientSecret: CLIENT_SECRET }
  await send('POST', '/api/v1/accounts', { ...place, id: 'web', oauth, webhooks: 'manual', webhookSecret: WEBHOOK_SECRET })
  const callback = await visit()
  await send('GET', callback)
  await send('POST', '/api/v1/accounts', { ...place, id: 'pat', token: BROWSER_TOKEN, webhookAdminToken: HOOK_ADMIN_TOKEN })
  await story.settle()
  await story.sweep()
  story.clock.advance(2 * HOUR_MS)
  await story.sweep('web')
  // What fails.
  await send('GET', callback)
  await send('GET', '/api/v1/accounts', undefined, WRONG_TOKEN)
  await send('PATCH', '/api/v1/accounts/pat', { token: WRONG_TOKEN })
  const echo = { status: 400, body: { error: 'invalid_request', error_description: `no ${CLIENT_SECRET} ${BROWSER_TOKEN}` } }
  gitlab.faults.add({ match: { path: /^\/oauth\/token/ }, answer: echo, times: 2 })
  await send('GET', await visit())
  story.clock.advance(2 * HOUR_MS)
  await story.sweep('web')
  gitlab.faults.add({
    match: { path: /\/api\/v4\/groups/ },
    answer: { status: 418, body: { message: `no ${BROWSER_TOKEN}` } },
    times: 9,
  })
  await story.sweep('pat')
  gitlab.faults.clear()
  gitlab.revokeAuthorizations(application)
  story.clock.advance(2 * HOUR_MS)
  await story.sweep('web')
  for (const url of ['/api/v1/accounts', '/api/v1/repositories', '/api/openapi.json']) await send('GET', url)
  await http.close()

  const planted = [
    ADMIN_TOKEN,
    CLIENT_SECRET,
    WEBHOOK_SECRET,
    BROWSER_TOKEN,
    HOOK_ADMIN_TOKEN,
    WRONG_TOKEN,
    'glpat-story',
    'jira-token',
  ]
  // Every access and refresh token that GitLab gave out, every code and every state.
  const given = [...gitlab.listOAuthTokens(), ...states]
  expect(given.length).toBeGreaterThan(6)
  const calls = await readFile(gitCalls, 'utf8')
  expect(calls).toContain('fetch')
  const places = {
    log: log.join(''),
    // An address of ours has the same name as the Jira's token in stories.
    answers: answers.join('\n').replaceAll('session/jira-token', ''),
    'arguments of git': calls,
    'data folder': await readFolder(story.dataDir),
  }
  // All of it happened, and the places can be read.
  for (const text of [
    'account signed in',
    'access token renewed',
    'access token could not be renewed',
    'account needs a sign-in',
  ])
    expect(places.log).toContain(text)
  expect(places.answers).toContain('Signed in')
  expect(places['data folder']).toContain('acme/shop')
  const basic = (secret: string) => Buffer.from(`oauth2:${secret}`).toString('base64')
  const found = Object.entries(places).flatMap(([where, text]) =>
    [...planted, ...given].flatMap((secret) =>
      [secret, basic(secret)].filter((form) => text.includes(form)).map((form) => `${where}: ${form}`),
    ),
  )
  expect(found).toEqual([])
}, 90_000)
