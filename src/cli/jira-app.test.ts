import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { createCertificate } from '../jira/app/certificate.ts'
import { silentLogger } from '../lib/logger.ts'
import { readApp } from '../sandbox/jira/app/read-app.ts'
import { runProgram } from './program.ts'
import { startConnector } from './serve.ts'
import { VERSION } from './version.ts'

const JAR = `jira-dvcs-${VERSION}.jar`
const environment = { PATH: process.env['PATH'] }
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-app-'))
  await configure('server:\n  url: https://dvcs.example.com\n  listen: 127.0.0.1:0\ndataDir: ./data\n')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const configure = (text: string) => writeFile(join(folder, 'c.yaml'), text)

async function run(...args: string[]) {
  const texts = { out: '', err: '' }
  const collect = (name: 'out' | 'err') => {
    const stream = new PassThrough()
    stream.on('data', (chunk: Buffer) => (texts[name] += chunk.toString()))
    return stream as unknown as NodeJS.WriteStream
  }
  const code = await runProgram(['jira-app', ...args, '--config', 'c.yaml'], {
    env: environment,
    cwd: folder,
    out: collect('out'),
    err: collect('err'),
    signal: new AbortController().signal,
  })
  return { code, ...texts }
}

/** The three files of a folder, checked against each other. */
async function readWritten(name: string) {
  const at = (file: string) => join(folder, name, file)
  const [jar, signature, certificate] = await Promise.all([
    readFile(at(JAR)),
    readFile(at(`${JAR}.sig`), 'utf8'),
    readFile(at('jira-dvcs.crt'), 'utf8'),
  ])
  expect((await readdir(join(folder, name))).toSorted()).toEqual([JAR, `${JAR}.sig`, 'jira-dvcs.crt'].toSorted())
  expect(signature).toMatch(/^[A-Za-z0-9+/]{86}==\n$/)
  expect(verify(null, jar, new X509Certificate(certificate).publicKey, Buffer.from(signature, 'base64'))).toBe(true)
  return { jar, signature: signature.trim(), certificate }
}

const newKey = () => generateKeyPairSync('ed25519').privateKey
type Key = ReturnType<typeof newKey>
const toPem = (key: Key) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const give = (name: string, text: string) => writeFile(join(folder, name), text)

describe('with the key of the connector', () => {
  test('writes jar, signature and certificate, readable for all, and says what to do', async () => {
    const { code, out, err } = await run('--out', 'made/here')
    const { jar, signature } = await readWritten('made/here')

    expect([code, err]).toEqual([0, ''])
    expect(readApp(jar)).toMatchObject({ version: VERSION, items: [{ link: 'https://dvcs.example.com/accounts' }] })
    expect(out).toContain(join(folder, 'made/here'))
    expect(out).toContain(signature)
    expect(out).toContain('https://dvcs.example.com/accounts')
    expect(out).toContain('The panel links directly to the connector alone;')
    const modes = await Promise.all(
      [JAR, `${JAR}.sig`, 'jira-dvcs.crt'].map(async (name) => (await stat(join(folder, 'made/here', name))).mode & 0o777),
    )
    expect(modes).toEqual([0o644, 0o644, 0o644])
  })

  test('writes the same again, over what is there, and into the current folder when none is named', async () => {
    await run('--out', 'a')
    const first = await readWritten('a')
    await run('--out', 'a')
    const again = await readWritten('a')
    const { code } = await run()

    expect(again).toEqual(first)
    expect(code).toBe(0)
    expect((await readFile(join(folder, JAR))).equals(first.jar)).toBe(true)
  })

  test('is the same whether the connector runs or not', async () => {
    await run('--out', 'before')
    const config = loadConfig({ file: join(folder, 'c.yaml'), env: environment, cwd: folder })
    const running = await startConnector({ config, role: 'all', env: environment, log: silentLogger })
    try {
      expect(await run('--out', 'meanwhile')).toMatchObject({ code: 0, err: '' })
    } finally {
      await running.stop()
    }

    expect(await readWritten('meanwhile')).toEqual(await readWritten('before'))
  }, 60_000)

  test('warns when the address is only known on this machine', async () => {
    await configure('server:\n  listen: 127.0.0.1:18090\ndataDir: ./data\n')

    const { code, err } = await run('--out', 'a')

    expect(code).toBe(0)
    expect(err).toContain('server.url is not set')
    expect(err).toContain('http://127.0.0.1:18090/accounts')
  })

  test('refuses an address that Jira would take for a template', async () => {
    await configure('server:\n  url: https://dvcs.example.com/$user\ndataDir: ./data\n')

    const { code, err } = await run('--out', 'a')

    expect(code).toBe(1)
    expect(err).toContain('no plain http or https address')
    await expect(stat(join(folder, 'a'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('the jar knows the hosts of the accounts, and what it says names them', async () => {
  await configure(`server:
  url: https://dvcs.example.com
dataDir: ./data
accounts:
  - { id: acme, name: Acme, host: gitlab, url: 'https://GitLab.example.com/', owner: acme, token: t }
`)

  const { code, out } = await run('--out', 'a')

  expect(code).toBe(0)
  expect(out).toContain('The panel links directly to https://gitlab.example.com;')
  const [panel] = readApp((await readWritten('a')).jar).panels
  expect(panel?.content).toContain('data-base="https://dvcs.example.com" data-hosts="https://gitlab.example.com"')
})

describe('with a key of one’s own', () => {
  test('signs the same jar with it, and makes a certificate', async () => {
    const key = newKey()
    await give('own.key', toPem(key))
    await run('--out', 'theirs')

    const { code, out } = await run('--out', 'a', '--key', 'own.key')
    const { certificate, jar } = await readWritten('a')
    expect(jar).toEqual((await readWritten('theirs')).jar)

    expect(code).toBe(0)
    const made = new X509Certificate(certificate)
    expect([made.checkPrivateKey(key), made.subject]).toEqual([true, 'CN=jira-dvcs of dvcs.example.com'])
    expect(out).not.toContain('PRIVATE')
  })

  test('takes the certificate that comes with it', async () => {
    const key = newKey()
    await give('own.key', toPem(key))
    await give('own.crt', createCertificate({ key, name: 'Acme apps', now: new Date() }))

    const { code } = await run('--out', 'a', '--key', 'own.key', '--certificate', 'own.crt')

    expect(code).toBe(0)
    expect(new X509Certificate((await readWritten('a')).certificate).subject).toBe('CN=Acme apps')
  })

  test('refuses what does not belong together, is none, or is not there', async () => {
    const own = newKey()
    await give('own.key', toPem(own))
    await give('other.crt', createCertificate({ key: newKey(), name: 'Other', now: new Date() }))
    await give('no.key', 'very secret text')

    const refused = [
      await run('--key', 'own.key', '--certificate', 'other.crt'),
      await run('--key', 'no.key'),
      await run('--key', 'gone.key'),
      await run('--key', 'own.key', '--certificate', 'gone.crt'),
    ]
    const usage = await run('--certificate', 'other.crt')

    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1, 1])
    expect(refused.map(({ err }) => err.split('\n')[0])).toEqual([
      'The certificate cannot be used for the Jira app: it belongs to another key.',
      'The key file cannot sign the Jira app: it holds no private key in PEM.',
      `The file ${join(folder, 'gone.key')} cannot be read: ENOENT.`,
      `The file ${join(folder, 'gone.crt')} cannot be read: ENOENT.`,
    ])
    expect(refused.map(({ err }) => err).join()).not.toContain('very secret text')
    expect(usage).toMatchObject({ code: 2, err: expect.stringContaining('--certificate needs the --key') })
    expect(await readdir(folder)).not.toContain(JAR)
  })
})

test('a folder that cannot be written is refused, and nothing is left half', async () => {
  await give('a-file', '')
  await mkdir(join(folder, 'taken', JAR), { recursive: true })
  await mkdir(join(folder, 'closed'))
  await chmod(join(folder, 'closed'), 0o500)
  await give('own.key', toPem(newKey()))

  const onFile = await run('--out', 'a-file', '--key', 'own.key')
  const onFolder = await run('--out', 'taken', '--key', 'own.key')

  expect([onFile.code, onFolder.code]).toEqual([1, 1])
  expect(onFile.err).toContain(`The Jira app cannot be written to ${join(folder, 'a-file')}: EEXIST.`)
  expect(onFolder.err).toMatch(/cannot be written to .*taken: E(ISDIR|EXIST|NOTEMPTY)\./)
  expect(await readdir(join(folder, 'taken'))).toEqual([JAR])
  // Nothing is closed to the superuser, under whom tests may run.
  const closed = await run('--out', 'closed', '--key', 'own.key')
  if (process.getuid?.() !== 0) expect(closed).toMatchObject({ code: 1, err: expect.stringContaining('EACCES') })
})
