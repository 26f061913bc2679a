import { randomBytes, type KeyObject } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { toCertificateName } from '../app/jira-app/signing-identity.ts'
import { loadConfig } from '../config/load-config.ts'
import { jiraAppSchema, type JiraAppJson } from '../contract/jira-app.ts'
import { createCertificate } from '../jira/app/certificate.ts'
import { checkCertificate, parseSigningKey, signJiraApp } from '../jira/app/signature.ts'
import { systemClock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { administer } from './administration.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'

export interface WriteJiraApp {
  readonly file: string | null
  /** Folder; made where it is not there. */
  readonly out: string
  /** Files of a key of one's own; null: the connector's, from its database. */
  readonly signing: OwnKeyFiles | null
}

interface OwnKeyFiles {
  readonly key: string
  readonly certificate: string | null
}

type Described = Pick<JiraAppJson, 'version' | 'fileName' | 'sha256' | 'signature' | 'address' | 'hosts'>

interface Made {
  readonly app: Described
  readonly jar: Uint8Array
  readonly certificate: { readonly fileName: string; readonly pem: string }
}

/** `jira-app`: nothing in what it writes is secret. */
export async function writeJiraApp({ file, out, signing }: WriteJiraApp, context: CommandContext): Promise<ExitCode> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  const own = signing === null ? null : await readOwnKey(signing, context)
  const made = signWithOwn(await makeInConnector(file, context), own)
  const folder = resolve(context.cwd, out)
  await writeFiles(folder, [
    [made.app.fileName, made.jar],
    [`${made.app.fileName}.sig`, `${made.app.signature}\n`],
    [made.certificate.fileName, made.certificate.pem],
  ])
  context.out.write(describe(folder, made))
  if (config.server.url === null) {
    context.err.write(
      `server.url is not set: "DVCS accounts" in Jira's administration will lead to ${made.app.address}. ` +
        'Set it and make the app again if others than this machine shall get there.\n',
    )
  }
  return EXIT.done
}

/** With the key that the web interface signs with, too: of the connector that runs, else out of its database. */
function makeInConnector(file: string | null, context: CommandContext): Promise<Made> {
  return administer(file, context, async (api) => {
    const app = await api.send({ method: 'GET', path: '/api/v1/jira-app', schema: jiraAppSchema })
    const [jar, certificate] = [await api.download('/api/v1/jira-app/jar'), await api.download('/api/v1/jira-app/certificate')]
    return { app, jar, certificate: { fileName: app.certificate.fileName, pem: certificate.toString('utf8') } }
  })
}

interface OwnKey {
  readonly key: KeyObject
  /** PEM; null: one is made. */
  readonly certificate: string | null
}

async function readOwnKey(files: OwnKeyFiles, { cwd }: CommandContext): Promise<OwnKey> {
  const key = parseSigningKey(await read(resolve(cwd, files.key), 'jira-app-key-invalid'))
  if (files.certificate === null) return { key, certificate: null }
  const pem = await read(resolve(cwd, files.certificate), 'jira-app-certificate-invalid')
  return { key, certificate: checkCertificate(pem, { key, now: systemClock.now() }) }
}

/** The connector's jar, because only its database knows the hosts; another signature. */
function signWithOwn(made: Made, own: OwnKey | null): Made {
  if (own === null) return made
  const { app, jar, certificate } = made
  const { key } = own
  const pem = own.certificate ?? createCertificate({ key, name: toCertificateName(app.address), now: systemClock.now() })
  return { app: { ...app, signature: signJiraApp(jar, key) }, jar, certificate: { ...certificate, pem } }
}

async function read(path: string, code: 'jira-app-key-invalid' | 'jira-app-certificate-invalid'): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new ConnectorError(code, {
      userMessage: `The file ${path} cannot be read: ${reasonOf(cause)}.`,
      remedy: 'Check its name and its rights.',
      cause,
    })
  }
}

/** Each appears whole or not at all, and may be read by everybody who has the folder. */
async function writeFiles(folder: string, files: readonly (readonly [string, string | Uint8Array])[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    for (const [name, content] of files) {
      const draft = join(folder, `.${name}.${randomBytes(6).toString('hex')}`)
      try {
        await writeFile(draft, content, { mode: 0o644, flag: 'wx' })
        await rename(draft, join(folder, name))
      } finally {
        await rm(draft, { force: true })
      }
    }
  } catch (cause) {
    throw new ConnectorError('jira-app-folder-unusable', {
      userMessage: `The Jira app cannot be written to ${folder}: ${reasonOf(cause)}.`,
      remedy: 'Name a folder with --out that you may write to.',
      cause,
    })
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
}

function describe(folder: string, { app, jar, certificate }: Made): string {
  const { version, fileName, sha256, signature, address, hosts } = app
  return `Wrote the Jira app ${version} to ${folder}:
  ${fileName}      ${jar.length} bytes, SHA-256 ${sha256}
  ${fileName}.sig  its signature
  ${certificate.fileName}  the certificate for it

What to do in Jira, as its administrator:
  1. Jira 11, and earlier ones that check signatures: put ${certificate.fileName} into <shared home>/upmconfig/truststore/,
     owned by root, mode 0644. Once: later versions are signed with the same key.
  2. Where "Manage apps" has no "Upload app": start Jira with -Dupm.plugin.upload.enabled=true.
  3. Manage apps > Upload app: choose ${fileName}. Where the dialog has a field "Signature", paste:
     ${signature}

"DVCS accounts" in Jira's administration will lead to ${address}.
The panel links directly to ${hosts.length === 0 ? 'the connector alone' : hosts.join(', ')}; other links lead to the issue in the connector. Make the
app again after an account at another host was linked.
docs/jira-app.md tells it version by version.
`
}
