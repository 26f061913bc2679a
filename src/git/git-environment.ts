import { devNull } from 'node:os'
import { ConnectorError } from '../lib/connector-error.ts'
import type { GitRemote } from '../domain/git-remote.ts'

export interface GitNetwork {
  /** PEM file with every certificate authority to trust: git then trusts no other. Absent: the system's. */
  readonly caFile?: string
  /** Proxy address; null or absent: the proxy variables of the environment, as git reads them. */
  readonly proxy?: string | null
}

export type GitSetting = readonly [key: string, value: string]

/** What git needs of this process's environment: to find and run programs and temporary files, nothing about the user. */
const INHERITED = ['PATH', 'LD_LIBRARY_PATH', 'TMPDIR', 'TMP', 'TEMP', 'SystemRoot', 'SYSTEMROOT']
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY']

/** Settings of every command: nothing runs by itself, nothing is kept of others' wishes. */
const LOCAL_SETTINGS: readonly GitSetting[] = [
  ['core.hooksPath', devNull],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['core.quotePath', 'false'],
  ['advice.detachedHead', 'false'],
]

const NETWORK_SETTINGS: readonly GitSetting[] = [
  ['protocol.version', '2'],
  ['http.followRedirects', 'false'],
  // Fewer than 1 byte/s for 2 minutes: a host that is still counting objects sends keep-alives every 5 s.
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '120'],
  ['credential.helper', ''],
  ['fetch.writeCommitGraph', 'false'],
  ['fetch.showForcedUpdates', 'false'],
  // Every fetch leaves one pack, never loose objects, so that counting packs tells when to repack.
  ['fetch.unpackLimit', '1'],
]

export interface GitSurroundings {
  /** This process's environment. */
  readonly env: NodeJS.ProcessEnv
  /** The repository, or null for commands without one. */
  readonly folder: string | null
  readonly settings: readonly GitSetting[]
}

/** Environment of a command that reads or changes the local copy only: no transport is allowed. */
export function localEnvironment({ env, folder, settings }: GitSurroundings): NodeJS.ProcessEnv {
  return { ...baseEnvironment(env, folder), GIT_ALLOW_PROTOCOL: 'none', ...toVariables([...LOCAL_SETTINGS, ...settings]) }
}

/**
 * Environment of a command that talks to `remote` under the name `origin`. The credentials reach neither
 * arguments nor disk and are bound to the remote's origin. Throws `address-refused`.
 */
export function networkEnvironment(
  { env, folder, settings }: GitSurroundings,
  remote: GitRemote,
  network: GitNetwork,
): NodeJS.ProcessEnv {
  const origin = getOrigin(remote)
  const all: GitSetting[] = [...LOCAL_SETTINGS, ...NETWORK_SETTINGS, ['remote.origin.url', remote.url], ...settings]
  if (remote.authorization !== null) all.push([`http.${origin}/.extraHeader`, `Authorization: ${remote.authorization}`])
  if (network.caFile !== undefined) all.push(['http.sslCAInfo', network.caFile])
  const proxy = network.proxy ?? null
  if (proxy !== null) all.push(['http.proxy', proxy])
  const inherited = proxy === null ? PROXY_VARIABLES : PROXY_VARIABLES.filter((name) => name.toLowerCase() === 'no_proxy')
  return { ...baseEnvironment(env, folder), ...pick(env, inherited), GIT_ALLOW_PROTOCOL: 'http:https', ...toVariables(all) }
}

/** Every form in which the secrets of a command could come back in a message. */
export function listSecrets(remote: GitRemote | null, network: GitNetwork): string[] {
  const secrets: string[] = []
  if (remote !== null && remote.authorization !== null) {
    const value = remote.authorization.replace(/^\S+\s+/, '')
    const decoded = Buffer.from(value, 'base64').toString('utf8')
    secrets.push(remote.authorization, value, decoded, decoded.slice(decoded.indexOf(':') + 1))
  }
  if (network.proxy !== undefined && network.proxy !== null && URL.canParse(network.proxy)) {
    const { password } = new URL(network.proxy)
    secrets.push(password, decodeURIComponent(password))
  }
  return secrets.filter((secret) => secret.length >= 4)
}

/** Refuses what could smuggle credentials onto the disk or another header into the request: throws `address-refused`. */
export function getOrigin({ url, authorization }: GitRemote): string {
  const parsed = URL.canParse(url) ? new URL(url) : null
  const isPlain = parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === ''
  if (!isPlain || /[\r\n\0]/.test(url) || /[\r\n\0]/.test(authorization ?? '')) {
    throw new ConnectorError('address-refused', {
      userMessage: 'Could not read a repository: its Git address is not a plain http or https address without credentials.',
      remedy: "Check the account's address and its Git address.",
    })
  }
  return parsed.origin
}

function baseEnvironment(env: NodeJS.ProcessEnv, folder: string | null): NodeJS.ProcessEnv {
  return {
    ...pick(env, INHERITED),
    // Not a folder, so that neither .gitconfig (git 2.31 ignores GIT_CONFIG_GLOBAL) nor .netrc is found.
    HOME: devNull,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    // Into a pipe git log would write each commit by itself; 4 KiB at a time spare a fifth of the work of reading them.
    GIT_FLUSH: '0',
    // Named, not discovered: a damaged copy must not make git climb to a repository further up.
    ...(folder === null ? {} : { GIT_DIR: folder }),
  }
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]))
}

function toVariables(settings: readonly GitSetting[]): NodeJS.ProcessEnv {
  const variables: NodeJS.ProcessEnv = { GIT_CONFIG_COUNT: String(settings.length) }
  for (const [index, [key, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${index}`] = key
    variables[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return variables
}
