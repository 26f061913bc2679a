import { dirname, resolve } from 'node:path'
import type { Secret } from '../lib/secret.ts'
import { checkOptions } from './check-options.ts'
import { ConfigError, ENVIRONMENT, type ConfigProblem } from './config-error.ts'
import type { Config } from './config.ts'
import { gatherFromEnvironment, gatherFromFile, type GivenOptions } from './gather.ts'
import { loadAccounts } from './load-accounts.ts'
import type { Loading } from './loading.ts'
import type { ValuesOf } from './option.ts'
import { OPTIONS } from './options.ts'
import { collectFlaws, type Flaw, type RawMap, type RawValue } from './raw-value.ts'
import { readConfigFile } from './read-file.ts'
import { readYaml } from './read-yaml.ts'
import { resolveOptions } from './resolve-options.ts'
import { showOptions } from './shown-options.ts'
import { variablesIn } from './substitute.ts'
import { toConfig } from './to-config.ts'

export interface ConfigSource {
  /** As the user gave it, relative to `cwd`; null: none, everything has its default. */
  readonly file: string | null
  /** Of `processEnvironment()`. */
  readonly env: NodeJS.ProcessEnv
  /** Absolute. */
  readonly cwd: string
}

/**
 * Loads the configuration: the file, over it the `CONNECTOR_…` variables, under it the defaults. Relative paths count from
 * the file's folder, those of variables (and of defaults without a file) from `cwd`.
 *
 * @throws ConfigError with every problem at once, each with file, line and key, and without any secret.
 */
export function loadConfig({ file, env, cwd }: ConfigSource): Config {
  const problems: ConfigProblem[] = []
  const absoluteFile = file === null ? null : resolve(cwd, file)
  const loading: Loading = {
    file: file ?? ENVIRONMENT,
    env,
    cwd,
    fileDir: absoluteFile === null ? cwd : dirname(absoluteFile),
    report: (problem) => problems.push(problem),
  }

  const root = absoluteFile === null ? NO_OPTIONS : readFile(absoluteFile, loading)
  const { options, accounts } = splitAccounts(root)
  const given = gatherFromFile(options, OPTIONS, { loading, at: '', neighbours: ['accounts'] })
  gatherFromEnvironment(given, OPTIONS, { loading, referenced: variablesIn(root) })
  const values = resolveOptions(OPTIONS, given, loading)
  checkOptions({ values, given, loading, line: null, at: '' })
  const accountConfigs = loadAccounts(accounts, loading)
  const proxy = values['network.proxy'] ?? proxyOf(loading)

  if (problems.length > 0) throw new ConfigError(inOrder(problems))
  // Nothing was reported, so that only required options can be absent: those of Jira, read when it is given.
  const complete = { ...values, 'network.proxy': proxy } as ValuesOf<typeof OPTIONS>
  return toConfig(complete, {
    file: absoluteFile,
    declared: declaredPaths(given, accounts),
    shown: showOptions(OPTIONS, given),
    accounts: accountConfigs,
    jiraGiven: given.has('jira.url'),
    noProxy: env['NO_PROXY'] || env['no_proxy'] || null,
  })
}

const NO_OPTIONS: RawMap = { kind: 'map', entries: new Map(), line: null }

function readFile(path: string, { file, report }: Loading): RawMap {
  const flaws: Flaw[] = []
  const read = collectFlaws(flaws, '', () => readYaml(readConfigFile(path)))
  for (const { message, line, at } of flaws) report({ file, line, key: at, message })
  return read?.value ?? NO_OPTIONS
}

function splitAccounts(root: RawMap): { readonly options: RawMap; readonly accounts: RawValue } {
  const entries = new Map(root.entries)
  const accounts = entries.get('accounts')
  entries.delete('accounts')
  return { options: { ...root, entries }, accounts: accounts?.value ?? { kind: 'null', line: null } }
}

function proxyOf({ env, cwd, report }: Loading): Secret | null {
  const name = env['HTTPS_PROXY'] ? 'HTTPS_PROXY' : 'https_proxy'
  const text = env[name]
  if (text === undefined || text === '') return null
  const value = { kind: 'scalar', text, line: null, literal: false } as const
  const flaws: Flaw[] = []
  const parsed = collectFlaws(flaws, '', () => OPTIONS['network.proxy'].type.parse(value, { baseDir: cwd }))
  for (const { message } of flaws) report({ file: ENVIRONMENT, line: null, key: name, message })
  return parsed?.value ?? null
}

function declaredPaths(given: GivenOptions, accounts: RawValue): ReadonlySet<string> {
  return new Set([...given.keys(), ...(accounts.kind === 'null' ? [] : ['accounts'])])
}

/** The file's in the order of its lines, then the environment's. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const rank = ({ file, line }: ConfigProblem) => (file === ENVIRONMENT ? Number.MAX_SAFE_INTEGER : (line ?? 0))
  return problems.toSorted((a, b) => rank(a) - rank(b))
}
