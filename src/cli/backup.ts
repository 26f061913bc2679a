import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FORMAT, FORMAT_VERSION, type BackupHead } from '../app/backup/backup-format.ts'
import { sealPrivatePart } from '../app/backup/sealed-part.ts'
import { writeBackup } from '../app/backup/write-backup.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { listWrittenSecrets } from '../config/written-secrets.ts'
import { readCopy } from '../db/copy/read-copy.ts'
import { systemClock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { findKeyFile } from '../lib/key-file.ts'
import { deriveKey } from '../lib/secret-box.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { openLog } from './logging.ts'
import { readNewPassword } from './read-password.ts'
import { VERSION } from './version.ts'

/** Name of the key file in the data folder of an embedded database. */
export const KEY_FILE = 'secret.key'

export interface BackupCommand {
  /** The configuration file. */
  readonly file: string | null
  /** Where the backup goes. */
  readonly target: string
  readonly withKey: boolean
}

/** `backup`: reads the database beside whoever works on it. */
export async function backup({ file, target, withKey }: BackupCommand, context: CommandContext): Promise<ExitCode> {
  const config = loadConfig({ file, env: context.env, cwd: context.cwd })
  const log = openLog({ log: { ...config.log, level: 'error' } }, context.err)
  const text = config.file === null ? null : await readFile(config.file, 'utf8')
  const written = text === null ? [] : listWrittenSecrets(text)
  const isPrivate = written.length > 0
  const sealed = withKey
    ? await sealPrivatePart(
        { key: await findKey(config), configuration: isPrivate ? text : null },
        await readNewPassword(context, 'passphrase'),
      )
    : null
  const path = resolve(context.cwd, target)
  const { rows, bytes } = await readCopy({ database: toUrl(config), dataDir: config.dataDir, log }, (copy) => {
    const head: BackupHead = {
      format: FORMAT,
      version: FORMAT_VERSION,
      createdAt: systemClock.now().toISOString(),
      program: VERSION,
      database: copy.kind,
      migrations: [...copy.migrations],
      configuration: isPrivate ? null : text,
      sealed,
    }
    return writeBackup({ file: path, head, copy }, context.signal)
  })
  context.out.write(`${path}: ${rows.toLocaleString('en')} rows, ${bytes.toLocaleString('en')} bytes.\n`)
  for (const line of listMissing({ withKey, isConfigured: config.server.secretKey !== null, written })) {
    context.out.write(`${line}\n`)
  }
  return EXIT.done
}

interface Missing {
  readonly withKey: boolean
  readonly isConfigured: boolean
  readonly written: readonly string[]
}

function listMissing({ withKey, isConfigured, written }: Missing): string[] {
  if (withKey)
    return ['The secret key is in it, sealed under the passphrase: without that the stored credentials cannot be read.']
  const key = isConfigured ? 'server.secretKey' : `the file ${KEY_FILE} of the data folder`
  return [
    `The secret key is not in it. Keep ${key} apart from it: without it the stored credentials cannot be read.`,
    ...(written.length === 0
      ? []
      : [
          `The configuration file is not in it, because it has secrets in it (${written.join(', ')}): keep it apart too, or take --with-key.`,
        ]),
  ]
}

export const toUrl = ({ database }: Config): string => (database.kind === 'sqlite' ? 'sqlite' : database.url.reveal())

async function findKey({ server, dataDir }: Config): Promise<Buffer> {
  if (server.secretKey !== null) return deriveKey(server.secretKey.reveal())
  const key = await findKeyFile(join(dataDir, KEY_FILE))
  if (key !== null) return key
  throw new ConnectorError('backup-key-missing', {
    userMessage: `There is no secret key in ${dataDir} that the backup could hold.`,
    remedy: 'Leave --with-key out, or name the configuration that the connector runs with (--config).',
  })
}
