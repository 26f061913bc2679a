import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { inspectBackup, type InspectedBackup } from '../app/backup/inspect-backup.ts'
import { restoreBackup, resumeWork } from '../app/backup/restore-backup.ts'
import { openPrivatePart, type PrivatePart } from '../app/backup/sealed-part.ts'
import { opensCanary } from '../app/identity/ensure-same-key.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { lockDataFolder } from '../db/data-folder-lock.ts'
import { systemClock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { findKeyFile, writeKeyFile } from '../lib/key-file.ts'
import { createSecretBox, deriveKey } from '../lib/secret-box.ts'
import { KEY_FILE, toUrl } from './backup.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { openConnector } from './connector.ts'
import { openLog } from './logging.ts'
import { readPassword } from './read-password.ts'

/** Where the configuration of the backup is put; the one in use is never changed. */
const RESTORED_CONFIGURATION = 'restored-connector.yaml'

export interface RestoreCommand {
  /** The configuration file. */
  readonly file: string | null
  readonly source: string
  /** Forget the stored credentials when their key is not there. */
  readonly withoutKey: boolean
}

/** `restore`: fills an empty data folder and an empty database, or changes nothing. */
export async function restore({ file, source, withoutKey }: RestoreCommand, context: CommandContext): Promise<ExitCode> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  const log = openLog({ log: { ...config.log, level: 'error' } }, context.err)
  const path = resolve(context.cwd, source)
  const lock = lockDataFolder(config.dataDir)
  let backup: InspectedBackup
  let secrets: Secrets
  try {
    ensureEmptyFolder(config)
    backup = await inspectBackup(path)
    secrets = await findSecrets(config, { backup, withoutKey }, context)
    const { newKey, configuration } = secrets
    const options = { database: toUrl(config), dataDir: config.dataDir, log }
    await restoreBackup(options, { file: path, backup, withSecrets: secrets.opens, now: systemClock.now().getTime() })
    if (newKey !== null) await writeKeyFile(join(config.dataDir, KEY_FILE), newKey)
    if (configuration !== null) {
      await writeFile(join(config.dataDir, RESTORED_CONFIGURATION), configuration, { mode: 0o600 })
    }
  } finally {
    lock.release()
  }
  const serverUrl = `http://${config.server.listen.host}:${config.server.listen.port}`
  const connector = await openConnector({ config, serverUrl, env: context.env, log, deliver: false, beside: true })
  try {
    await resumeWork(connector.app)
  } finally {
    await connector.close()
  }
  for (const line of describe(config, { backup, secrets })) context.out.write(`${line}\n`)
  return EXIT.done
}

interface Secrets {
  /** The key that will be used opens what is sealed in the backup. */
  readonly opens: boolean
  /** To be put into the key file. */
  readonly newKey: Buffer | null
  readonly configuration: string | null
}

/**
 * Finds the key: of the configuration, of a key file that was put into the data folder, or of the backup.
 *
 * @throws ConnectorError `restore-key-missing`, `passphrase-wrong`
 */
async function findSecrets(
  { server, dataDir, database }: Config,
  { backup, withoutKey }: { readonly backup: InspectedBackup; readonly withoutKey: boolean },
  context: CommandContext,
): Promise<Secrets> {
  const { canary, head } = backup
  const opens = (key: Buffer | null) => canary === null || (key !== null && opensCanary(createSecretBox(key), canary))
  const own = server.secretKey === null ? await findKeyFile(join(dataDir, KEY_FILE)) : deriveKey(server.secretKey.reveal())
  const known = opens(own)
  // Besides the key the sealed part may hold the configuration; who has the key may do without that.
  const isAsked = head.sealed !== null && !withoutKey && (!known || head.sealed.configuration !== null)
  const part: PrivatePart | null =
    isAsked && head.sealed !== null ? await openPrivatePart(head.sealed, await readPassword(context, 'passphrase')) : null
  const configuration = part?.configuration ?? head.configuration
  if (known) return { opens: true, newKey: null, configuration }
  const fits = part !== null && own === null && database.kind === 'sqlite' && opens(part.key)
  if (fits) return { opens: true, newKey: part.key, configuration }
  if (withoutKey) return { opens: false, newKey: null, configuration }
  throw keyMissing(backup, { hasOther: own !== null, isServer: database.kind !== 'sqlite' })
}

function keyMissing(backup: InspectedBackup, { hasOther, isServer }: { hasOther: boolean; isServer: boolean }): ConnectorError {
  const losing = listLosing(backup)
  const key = hasOther ? 'The key of this configuration is not the one' : 'The key is not here'
  return new ConnectorError('restore-key-missing', {
    userMessage: `${key} by which the credentials in the backup are sealed. Nothing was restored.${losing === null ? '' : ` Without it these need a sign-in again: ${losing}.`}`,
    remedy: isServer
      ? 'Set server.secretKey to the former key, or restore with --without-key, which forgets the stored credentials.'
      : `Set server.secretKey to the former key, or put the file ${KEY_FILE} into the data folder; or restore with --without-key, which forgets the stored credentials.`,
  })
}

function listLosing({ signedIn, jira }: InspectedBackup): string | null {
  const all = [...signedIn.map(({ id }) => JSON.stringify(id)), ...(jira ? ['the connection to Jira'] : [])]
  return all.length === 0 ? null : all.join(', ')
}

/** A key file may be put there before, an empty folder of mirrors and the lock are of nobody. */
function ensureEmptyFolder({ dataDir }: Config): void {
  const mirrors = join(dataDir, 'git')
  const others = ['connector.sqlite', RESTORED_CONFIGURATION].filter((name) => existsSync(join(dataDir, name)))
  if (existsSync(mirrors) && readdirSync(mirrors).length > 0) others.push('git')
  if (others.length === 0) return
  throw new ConnectorError('restore-not-empty', {
    userMessage: `The data folder ${dataDir} is not empty (${others.join(', ')}). A backup is restored into an empty one alone; nothing was changed.`,
    remedy: 'Name another dataDir in the configuration, or move what is there away yourself.',
  })
}

function describe(config: Config, { backup, secrets }: { backup: InspectedBackup; secrets: Secrets }): string[] {
  const { head, rows } = backup
  const losing = secrets.opens ? null : listLosing(backup)
  return [
    `Restored ${rows.toLocaleString('en')} rows as they were at ${head.createdAt}. Git mirrors are fetched again by the first synchronisations.`,
    ...(secrets.newKey === null ? [] : [`The secret key is in ${join(config.dataDir, KEY_FILE)}.`]),
    ...(losing === null ? [] : [`The stored credentials are forgotten. These need a sign-in: ${losing}.`]),
    ...(secrets.configuration === null
      ? []
      : [`The configuration of the backup is in ${join(config.dataDir, RESTORED_CONFIGURATION)}; compare it with yours.`]),
    'Never let it run beside the connector that it is a copy of: both would write to the same Jira.',
  ]
}
