import { createHash, verify, X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ensureSigningIdentity } from '../app/jira-app/signing-identity.ts'
import { jiraAppSchema } from '../contract/jira-app.ts'
import { problemSchema } from '../contract/problem.ts'
import { findSetting } from '../db/stores/settings.ts'
import { accountId } from '../domain/ids.ts'
import { buildJiraApp } from '../jira/app/build-jira-app.ts'
import { JIRA_APP_KEY } from '../jira/jira-app-key.ts'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { createSecretBox } from '../lib/secret-box.ts'
import { readApp } from '../sandbox/jira/app/read-app.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const TOKEN = 'pat-very-secret-1'
const user = (administrator: boolean) => ({
  name: 'connector',
  displayName: 'Connector',
  emailAddress: 'c@example.com',
  administrator,
  tokens: [{ token: TOKEN }],
})
const SERVER_URL = 'https://dvcs.example.com/connector'

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of running.splice(0).toReversed()) await one.stop()
})

async function start(options: Parameters<typeof startTestHttpApp>[0] = {}, world: Parameters<typeof startTestHttpApp>[1] = {}) {
  const t = await startTestHttpApp(options, world)
  running.push({ stop: () => t.dispose() })
  return t
}

async function startJira(administrator = true): Promise<SandboxJira> {
  const jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users: [user(administrator)] })
  running.push({ stop: () => jira.close() })
  jira.world.addProject({ key: 'SHOP', name: 'Shop' })
  return jira
}

async function connect(t: TestHttpApp, jira: SandboxJira): Promise<void> {
  expect((await t.send('PUT', '/api/v1/jira', { body: { url: jira.url, token: TOKEN } })).status).toBe(200)
}

const read = async (t: TestHttpApp) => jiraAppSchema.parse((await t.send('GET', '/api/v1/jira-app')).json())
const download = (t: TestHttpApp, what: string) =>
  t.http.inject({ url: `/api/v1/jira-app/${what}`, headers: { authorization: 'Bearer test-admin-token' } })

describe('what is made', () => {
  let t: TestHttpApp
  beforeEach(async () => {
    t = await start()
  })

  test('is told with signature, certificate and address', async () => {
    expect(await read(t)).toMatchObject({
      version: '1.2.3',
      fileName: 'jira-dvcs-1.2.3.jar',
      address: `${SERVER_URL}/accounts`,
      certificate: { fileName: 'jira-dvcs.crt', subject: 'jira-dvcs of dvcs.example.com' },
      installed: { state: 'not-connected', version: null, problem: null },
      jiraVersion: null,
    })
  })

  test('is downloaded as it was told, and the signature verifies with the certificate', async () => {
    const told = await read(t)

    const jar = await download(t, 'jar')
    const certificate = await download(t, 'certificate')

    expect(jar.headers).toMatchObject({
      'content-type': 'application/java-archive',
      'content-disposition': 'attachment; filename="jira-dvcs-1.2.3.jar"',
    })
    expect(jar.rawPayload.equals(buildJiraApp({ version: '1.2.3', serverUrl: SERVER_URL, hosts: told.hosts }).jar)).toBe(true)
    expect(jar.rawPayload.length).toBe(told.size)
    expect(createHash('sha256').update(jar.rawPayload).digest('hex')).toBe(told.sha256)
    expect(certificate.headers).toMatchObject({
      'content-type': 'application/x-pem-file',
      'content-disposition': 'attachment; filename="jira-dvcs.crt"',
    })
    const { publicKey, fingerprint256 } = new X509Certificate(certificate.body)
    expect(fingerprint256).toBe(told.certificate.fingerprint)
    expect(verify(null, jar.rawPayload, publicKey, Buffer.from(told.signature, 'base64'))).toBe(true)
  })

  test('is signed with the same key every time, which nothing tells and the database holds sealed', async () => {
    const [first, second] = [await read(t), await read(t)]

    expect(second).toEqual(first)
    const stored = await findSetting(t.app.db.read, 'jira-app.signing')
    expect(stored).toMatch(/^v1:[\w-]+$/)
    const { key } = await ensureSigningIdentity({
      db: t.app.db,
      clock: t.app.clock,
      secretBox: createSecretBox(Buffer.alloc(32, 7)),
      serverUrl: SERVER_URL,
    })
    const secret = key.export({ type: 'pkcs8', format: 'der' }).subarray(-32)
    const shown = JSON.stringify([first, t.logged, (await download(t, 'certificate')).body])
    for (const form of ['base64', 'hex', 'base64url'] as const) expect(shown).not.toContain(secret.toString(form))
  })

  test('knows the hosts of the accounts, and is another one when they change', async () => {
    const before = await read(t)
    await t.addAccount({ id: accountId('acme'), url: 'http://gitlab.internal:8080' })
    await t.addRepository({ path: 'acme/shop', webUrl: 'https://GitLab.example.com/acme/shop' })

    const after = await read(t)
    const jar = await download(t, 'jar')

    expect(before.hosts).toEqual([])
    expect(after.hosts).toEqual(['http://gitlab.internal:8080', 'https://gitlab.example.com'])
    expect(after.sha256).not.toBe(before.sha256)
    expect(createHash('sha256').update(jar.rawPayload).digest('hex')).toBe(after.sha256)
    expect(readApp(jar.rawPayload).panels[0]?.content).toContain(` data-hosts="${after.hosts.join(' ')}"`)
  })

  test('an address that Jira would take for a template is refused', async () => {
    const odd = await start({}, { serverUrl: 'https://dvcs.example.com/$user' })

    for (const path of ['', '/jar', '/certificate']) {
      const answer = await odd.send('GET', `/api/v1/jira-app${path}`)
      expect(answer.status).toBe(409)
      expect(problemSchema.parse(answer.json()).code).toBe('jira-app-address-invalid')
    }
  })
})

test.each(['sqlite', 'postgres'] as const)('nodes that ask for the key at once have the same (%s)', async (kind) => {
  const { app } = await start({}, { kind })
  const context = { db: app.db, clock: app.clock, secretBox: createSecretBox(Buffer.alloc(32, 7)), serverUrl: SERVER_URL }

  const identities = await Promise.all(Array.from({ length: 5 }, () => ensureSigningIdentity(context)))

  expect(new Set(identities.map(({ certificate }) => certificate)).size).toBe(1)
  expect(identities.every(({ key }) => key.equals(identities[0]?.key ?? key))).toBe(true)
})

test('another secret key does not open it', async () => {
  const { app } = await start()
  const context = { db: app.db, clock: app.clock, serverUrl: SERVER_URL }
  await ensureSigningIdentity({ ...context, secretBox: createSecretBox(Buffer.alloc(32, 7)) })

  const opened = ensureSigningIdentity({ ...context, secretBox: createSecretBox(Buffer.alloc(32, 8)) })

  await expect(opened).rejects.toMatchObject({ code: 'secret-unreadable' })
})

describe('what Jira has', () => {
  test.each([
    ['nothing', {}, { state: 'absent', version: null }],
    ['this version', { enabled: true, version: '1.2.3' }, { state: 'current', version: '1.2.3' }],
    ['an older one', { enabled: true, version: '1.2.2' }, { state: 'older', version: '1.2.2' }],
    ['a newer one', { enabled: true, version: '1.10.0' }, { state: 'newer', version: '1.10.0' }],
    ['one that cannot be compared', { enabled: true, version: 'mine' }, { state: 'different', version: 'mine' }],
    ['a disabled one', { enabled: false, version: '1.2.3' }, { state: 'disabled', version: '1.2.3' }],
  ])('%s', async (_name, app, installed) => {
    const [t, jira] = [await start(), await startJira()]
    await connect(t, jira)
    jira.configure({ apps: 'version' in app ? { [JIRA_APP_KEY]: app } : {} })

    expect(await read(t)).toMatchObject({ installed: { ...installed, problem: null }, jiraVersion: '10.3.5' })
  })

  test('is what was uploaded', async () => {
    const [t, jira] = [await start(), await startJira()]
    await connect(t, jira)

    jira.installApp((await download(t, 'jar')).rawPayload)

    expect((await read(t)).installed).toMatchObject({ state: 'current', version: '1.2.3' })
  })

  test('is not told to a user who does not administer Jira', async () => {
    const [t, jira] = [await start(), await startJira(false)]
    await connect(t, jira)

    const { installed } = await read(t)

    expect(installed).toMatchObject({ state: 'unknown', version: null, problem: { code: 'jira-permission-missing' } })
  })

  test('is not known when Jira is away; the rest is told all the same', async () => {
    const [t, jira] = [await start(), await startJira()]
    await connect(t, jira)
    jira.setFault('login-page', { only: /plugins/ })

    const told = await read(t)

    expect(told.installed.state).toBe('unknown')
    expect(told.installed.problem?.message).toBeTruthy()
    expect(told.signature).toHaveLength(88)
  })
})
