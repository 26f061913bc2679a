import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../lib/secret.ts'
import type { AccountConfig, Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './load-config.ts'
import { variableOf, type AnyOption } from './option.ts'
import { type ACCOUNT_OPTIONS, OPTIONS } from './options.ts'

const TOKEN = 'REDACTED-SAMPLE-TOKEN'
const ACCOUNT = { id: 'acme', host: 'gitlab', url: 'https://gitlab.example.com', token: TOKEN }

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function load(text: string, env: NodeJS.ProcessEnv = {}): Config {
  writeFileSync(join(folder, 'connector.yaml'), text)
  return loadConfig({ file: 'connector.yaml', env, cwd: folder })
}

function loadAccount(option: object): AccountConfig | undefined {
  return load(JSON.stringify({ accounts: [{ ...ACCOUNT, ...option }] })).accounts[0]
}

const revealed = (secret: Secret | null | undefined) => secret?.reveal()
const JIRA = { url: 'https://jira.example.com', token: TOKEN }

describe('without a file', () => {
  it('gives the defaults of the contract', () => {
    const { shown: _shown, ...config } = loadConfig({ file: null, env: {}, cwd: folder })
    expect(config).toEqual({
      file: null,
      declared: new Set(),
      server: {
        url: null,
        listen: { host: '127.0.0.1', port: 8090 },
        workerListen: null,
        adminToken: null,
        secretKey: null,
        trustProxy: false,
      },
      dataDir: join(folder, 'data'),
      database: { kind: 'sqlite' },
      jira: null,
      accounts: [],
      sync: { intervalMs: 3_600_000, concurrency: 4 },
      retention: { payloadsMs: 259_200_000, journalsMs: 1_209_600_000, smartCommitsMs: 7_776_000_000 },
      smartCommits: { maxAgeMs: 1_209_600_000, mergeCommits: false },
      panel: { branchName: '${issueKey}-${summary}', hide: [], filesPerHour: 600 },
      issueKeys: { anyCaseIn: ['branch'], pullRequestCommits: true },
      git: { fullCloneLimitBytes: 2_147_483_648 },
      network: { ca: [], proxy: null, noProxy: null, allowPrivateAddresses: true },
      log: { level: 'info', format: null },
    })
  })

  it.each(['', '# nothing\n', 'jira:\naccounts:\nsync:\n', 'jira: {}\naccounts: []\n', 'sync: { interval: null }'])(
    'gives them for the file %j too',
    (text) => {
      const { file, ...config } = load(text)
      const { file: none, ...defaults } = loadConfig({ file: null, env: {}, cwd: folder })
      expect([file, none]).toEqual([join(folder, 'connector.yaml'), null])
      expect({ ...config, declared: defaults.declared }).toEqual(defaults)
    },
  )
})

describe("the contract's example", () => {
  const env = {
    CONNECTOR_ADMIN_TOKEN: 'admin-token-admin-token',
    CONNECTOR_SECRET_KEY: 'secret-key-secret-key',
    JIRA_TOKEN: 'jira-token',
    GITLAB_TOKEN: 'gitlab-token',
    GITLAB_HOOK_TOKEN: 'hook-token',
    HOOK_SECRET: 'hook-secret-hook-secret',
  }
  const file = new URL('fixtures/contract-example.yaml', import.meta.url).pathname

  it('loads', () => {
    const config = loadConfig({ file, env, cwd: folder })
    expect(config.server).toMatchObject({ url: 'https://dvcs.example.com', listen: { host: '127.0.0.1', port: 8090 } })
    expect(revealed(config.server.adminToken)).toBe('admin-token-admin-token')
    expect(config.jira).toMatchObject({ url: 'https://jira.example.com', delivery: ['property'] })
    expect(config.accounts).toHaveLength(1)
    expect(revealed(config.accounts[0]?.token)).toBe('gitlab-token')
    expect(config.accounts[0]).toMatchObject({
      id: 'acme',
      owner: 'acme',
      gitUrl: null,
      webhooks: 'auto',
      webhookSecret: null,
      include: ['**'],
    })
    expect(config.panel.branchName).toBe('${issueKey}-${summary}')
    expect(config.declared.has('sync.interval')).toBe(true)
    expect(config.declared.has('accounts')).toBe(true)
  })

  it('does not show its secrets', () => {
    const config = loadConfig({ file, env, cwd: folder })
    const texts = [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true })]
    for (const secret of Object.values(env)) for (const text of texts) expect(text).not.toContain(secret)
  })
})

/** For every option: a value as the file has it, what reads the result, and the result. */
const OPTION_CASES: { [Path in keyof typeof OPTIONS]: [value: unknown, read: (config: Config) => unknown, expected: unknown] } = {
  'server.url': ['https://dvcs.example.com/base/', (config) => config.server.url, 'https://dvcs.example.com/base'],
  'server.workerListen': ['127.0.0.1:9464', (config) => config.server.workerListen, { host: '127.0.0.1', port: 9464 }],
  'server.listen': ['[::1]:0', (config) => config.server.listen, { host: '::1', port: 0 }],
  'server.adminToken': ['0123456789abcdef', (config) => revealed(config.server.adminToken), '0123456789abcdef'],
  'server.secretKey': ['a key of many words', (config) => revealed(config.server.secretKey), 'a key of many words'],
  'server.trustProxy': [true, (config) => config.server.trustProxy, true],
  dataDir: ['/srv/connector', (config) => config.dataDir, '/srv/connector'],
  database: ['sqlite', (config) => config.database, { kind: 'sqlite' }],
  'jira.url': ['http://127.0.0.1:2990/jira/', (config) => config.jira?.url, 'http://127.0.0.1:2990/jira'],
  'jira.token': ['abc', (config) => tokenOf(config), 'abc'],
  'jira.username': [
    'ada',
    (config) => config.jira?.credentials,
    { kind: 'password', username: 'ada', password: expect.any(Secret) },
  ],
  'jira.password': ['päss word', (config) => passwordOf(config), 'päss word'],
  'jira.oauth.clientId': ['abc', (config) => config.jira?.oauth?.clientId, 'abc'],
  'jira.oauth.clientSecret': ['xyz', (config) => revealed(config.jira?.oauth?.clientSecret ?? null), 'xyz'],
  'jira.property': ['counts', (config) => config.jira?.property, { others: 'counts', projects: new Map() }],
  'jira.delivery': [['property', 'link'], (config) => config.jira?.delivery, ['property', 'link']],
  'jira.webhooks': ['off', (config) => config.jira?.webhooks, 'off'],
  'jira.webhookSecret': [
    'a secret of many words',
    (config) => revealed(config.jira?.webhookSecret ?? null),
    'a secret of many words',
  ],
  'jira.poll': ['15m', (config) => config.jira?.poll, 900_000],
  'sync.interval': ['90s', (config) => config.sync.intervalMs, 90_000],
  'sync.concurrency': [8, (config) => config.sync.concurrency, 8],
  'panel.branchName': ['feature/${issueKey}', (config) => config.panel.branchName, 'feature/${issueKey}'],
  'panel.filesPerHour': [0, (config) => config.panel.filesPerHour, 0],
  'panel.hide': [['renovate*', 'merge-commits'], (config) => config.panel.hide, ['renovate*', 'merge-commits']],
  'issueKeys.anyCaseIn': [['branch', 'title'], (config) => config.issueKeys.anyCaseIn, ['branch', 'title']],
  'issueKeys.pullRequestCommits': [false, (config) => config.issueKeys.pullRequestCommits, false],
  'smartCommits.maxAge': ['3d', (config) => config.smartCommits.maxAgeMs, 259_200_000],
  'smartCommits.mergeCommits': [true, (config) => config.smartCommits.mergeCommits, true],
  'git.fullCloneLimit': ['512MiB', (config) => config.git.fullCloneLimitBytes, 536_870_912],
  'retention.payloads': ['12h', (config) => config.retention.payloadsMs, 43_200_000],
  'retention.journals': ['30d', (config) => config.retention.journalsMs, 2_592_000_000],
  'retention.smartCommits': ['60d', (config) => config.retention.smartCommitsMs, 5_184_000_000],
  'network.ca': [['connector.yaml'], (config) => config.network.ca.map((file) => file.endsWith('/connector.yaml')), [true]],
  'network.proxy': ['proxy.example.com:3128', (config) => revealed(config.network.proxy), 'http://proxy.example.com:3128/'],
  'network.allowPrivateAddresses': [false, (config) => config.network.allowPrivateAddresses, false],
  'log.level': ['debug', (config) => config.log.level, 'debug'],
  'log.format': ['pretty', (config) => config.log.format, 'pretty'],
}

function tokenOf({ jira }: Config) {
  return jira?.credentials.kind === 'token' ? jira.credentials.token.reveal() : undefined
}

function passwordOf({ jira }: Config) {
  return jira?.credentials.kind === 'password' ? jira.credentials.password.reveal() : undefined
}

/** What else an option needs to be valid. */
function withCompany(path: string, value: unknown): Record<string, Record<string, unknown>> {
  const [section = '', name = ''] = path.split('.')
  if (section !== 'jira') return { [section]: name === '' ? value : { [name]: value } } as Record<string, Record<string, unknown>>
  const credentials = name === 'username' || name === 'password' ? { username: 'ada', password: TOKEN } : { token: TOKEN }
  if (path.startsWith('jira.oauth.')) return { jira: { url: JIRA.url, ...credentials, oauth: withPartner(path, value) } }
  return { jira: { url: JIRA.url, ...credentials, [name]: value } }
}

/** Client id and client secret go together. */
function withPartner(path: string, value: unknown): Record<string, unknown> {
  return { clientId: 'id', clientSecret: 'secret', [path.split('.')[2] ?? '']: value }
}

/** Of options that take no text: what their variable overrides. */
const VALID_BASES: Readonly<Record<string, string>> = { 'jira.property': 'full', 'jira.webhooks': 'auto', 'jira.poll': 'off' }

const paths = Object.keys(OPTION_CASES) as (keyof typeof OPTIONS)[]
const tableOf = (path: keyof typeof OPTIONS): AnyOption => OPTIONS[path]

describe('every option', () => {
  it.each(paths)('%s is read from the file', (path) => {
    const [value, read, expected] = OPTION_CASES[path]
    const config = load(JSON.stringify(withCompany(path, value)))
    expect(read(config)).toEqual(expected)
    expect(config.declared.has(path)).toBe(true)
  })

  it.each(paths.filter((path) => tableOf(path).type.scalar))('%s is overridden by its variable', (path) => {
    const [value, read, expected] = OPTION_CASES[path]
    const base = path.startsWith('jira.') ? JSON.stringify(withCompany(path, VALID_BASES[path] ?? JIRA.url)) : ''
    const config = load(base, { [variableOf(path)]: String(value) })
    expect(read(config)).toEqual(expected)
    expect(config.declared.has(path)).toBe(true)
  })

  it.each(paths.filter((path) => tableOf(path).secret && path !== 'database'))(
    '%s is read from the file that its twin names',
    (path) => {
      const [value, read, expected] = OPTION_CASES[path]
      writeFileSync(join(folder, 'secret'), `${String(value)}\r\n\n`)
      const document = withCompany(path, null)
      const [section = '', ...names] = path.split('.')
      const key = `${names.at(-1) ?? ''}File`
      const inner = names.length === 1 ? { [key]: 'secret' } : { oauth: { clientId: 'id', [key]: 'secret' } }
      const fromFile = load(JSON.stringify({ ...document, [section]: { ...document[section], ...inner } }))
      expect(read(fromFile)).toEqual(expected)
      const fromVariable = load(JSON.stringify(document), { [`${variableOf(path)}_FILE`]: 'secret' })
      expect(read(fromVariable)).toEqual(expected)
    },
  )

  const ACCOUNT_CASES: { [Name in keyof typeof ACCOUNT_OPTIONS]: [option: object, expected: unknown] } = {
    id: [{ id: 'Acme.eu_1-a' }, 'Acme.eu_1-a'],
    name: [{ name: 'Acme Ltd' }, 'Acme Ltd'],
    host: [{ host: 'gitlab' }, 'gitlab'],
    url: [{ url: 'https://example.com/gitlab//' }, 'https://example.com/gitlab'],
    gitUrl: [{ gitUrl: 'https://git.example.com' }, 'https://git.example.com'],
    owner: [{ owner: 'acme/platform' }, 'acme/platform'],
    token: [{ token: 'abc' }, 'abc'],
    webhookAdminToken: [{ webhookAdminToken: 'abc' }, 'abc'],
    webhooks: [{ webhooks: 'system' }, 'system'],
    webhookSecret: [{ webhooks: 'manual', webhookSecret: '0123456789abcdef' }, '0123456789abcdef'],
    autoLink: [{ autoLink: false }, false],
    smartCommits: [{ smartCommits: false }, false],
    smartCommitTrust: [{ smartCommitTrust: 'verified' }, 'verified'],
    smartCommitReplies: [{ smartCommitReplies: true }, true],
    include: [{ include: ['acme/*', 'acme/*'] }, ['acme/*']],
    exclude: [{ exclude: ['acme/old-*'] }, ['acme/old-*']],
    jiraProjects: [{ jiraProjects: ['SHOP', 'DATA_HUB'] }, ['SHOP', 'DATA_HUB']],
  }

  it.each(Object.entries(ACCOUNT_CASES))('accounts[].%s', (name, [option, expected]) => {
    const value = Object.entries(loadAccount(option) ?? {}).find(([key]) => key === name)?.[1] as unknown
    expect(value instanceof Secret ? value.reveal() : value).toEqual(expected)
  })

  it('gives an account its defaults', () => {
    expect(loadAccount({})).toMatchObject({
      name: 'acme',
      gitUrl: null,
      owner: null,
      webhookAdminToken: null,
      webhooks: 'auto',
      webhookSecret: null,
      autoLink: true,
      smartCommits: true,
      include: ['**'],
      exclude: [],
      jiraProjects: [],
    })
  })
})

describe('values', () => {
  it('reads PostgreSQL addresses as secrets', () => {
    const url = 'postgres://ada:hunter2@db.example.com/connector'
    const { database } = load('database: ${DATABASE_URL}\nserver: { secretKey: 0123456789abcdef }', { DATABASE_URL: url })
    expect(database.kind === 'postgresql' && database.url.reveal()).toBe(url)
  })

  it('reads the detail by project', () => {
    const { jira } = load(JSON.stringify({ jira: { ...JIRA, property: { SHOP: 'counts', '*': 'titles' } } }))
    expect(jira?.property).toEqual({ others: 'titles', projects: new Map([['SHOP', 'counts']]) })
  })

  it('switches the schedule off', () => {
    expect(load('sync: { interval: off }').sync.intervalMs).toBeNull()
  })

  it('keeps texts that look like numbers as they are written', () => {
    const { jira } = load('jira: { url: "https://jira.example.com", username: 007, password: 0123 }')
    expect(jira?.credentials).toMatchObject({ username: '007' })
    expect(jira?.credentials.kind === 'password' && jira.credentials.password.reveal()).toBe('0123')
  })

  it('takes relative paths from the folder of the file, and of variables from the working directory', () => {
    mkdirSync(join(folder, 'etc'), { recursive: true })
    writeFileSync(join(folder, 'etc', 'connector.yaml'), 'log: { level: warn }')
    const source = { file: 'etc/connector.yaml', cwd: folder }
    expect(loadConfig({ ...source, env: {} }).dataDir).toBe(join(folder, 'etc', 'data'))
    expect(loadConfig({ ...source, env: { CONNECTOR_DATA_DIR: 'data' } }).dataDir).toBe(join(folder, 'data'))
  })

  it('lets a variable override the twin in the file, and repair a variable that is not set', () => {
    const config = load('server: { adminTokenFile: nowhere, secretKey: "${UNSET}" }', {
      CONNECTOR_SERVER_ADMIN_TOKEN: '0123456789abcdef',
      CONNECTOR_SERVER_SECRET_KEY: 'fedcba9876543210',
    })
    expect(revealed(config.server.adminToken)).toBe('0123456789abcdef')
    expect(revealed(config.server.secretKey)).toBe('fedcba9876543210')
  })

  it('sets Jira up from variables alone', () => {
    const env = { CONNECTOR_JIRA_URL: 'https://jira.example.com', CONNECTOR_JIRA_TOKEN: 'abc' }
    const config = loadConfig({ file: null, env, cwd: folder })
    expect(tokenOf(config)).toBe('abc')
  })

  it('ignores empty variables, those of others and those of Kubernetes', () => {
    const env = {
      CONNECTOR_SERVER_LISTEN: '',
      CONNECTOR_SERVICE_HOST: '10.0.0.1',
      CONNECTOR_SERVICE_PORT_HTTP: '80',
      CONNECTOR_PORT: 'tcp://10.0.0.1:80',
      CONNECTOR_PORT_80_TCP_ADDR: '10.0.0.1',
      PATH: '/bin',
    }
    expect(loadConfig({ file: null, env, cwd: folder }).server.listen.port).toBe(8090)
  })

  it('takes the proxy of the environment where the file has none', () => {
    const env = { HTTPS_PROXY: 'http://ada:hunter2@proxy.example.com:3128', NO_PROXY: 'jira.example.com,.example.org' }
    const { network } = loadConfig({ file: null, env, cwd: folder })
    expect(revealed(network.proxy)).toBe('http://ada:hunter2@proxy.example.com:3128/')
    expect(network.noProxy).toBe('jira.example.com,.example.org')
    expect(revealed(load('network: { proxy: "http://other.example.com" }', env).network.proxy)).toBe('http://other.example.com/')
  })

  it('replaces ${NAME} once, everywhere but in the branch template', () => {
    const env = { A: 'acme', B: '${A}', N: '2' }
    const config = load(
      'sync: { concurrency: "${N}" }\npanel: { hide: ["${A}-${B}", "$${A}", "$A"], branchName: "${issueKey}" }',
      env,
    )
    expect(config.panel.hide).toEqual(['acme-${A}', '${A}', '$A'])
    expect(config.sync.concurrency).toBe(2)
    expect(config.panel.branchName).toBe('${issueKey}')
  })

  it('throws ConfigError, which lists every problem in its text', () => {
    const run = () => load('log: { level: loud }\nsync: { interval: 1s }', { CONNECTOR_LISTEN: 'x' })
    expect(run).toThrow(ConfigError)
    expect(run).toThrow(
      /3 problems[\s\S]*connector\.yaml:1: log\.level: [\s\S]*connector\.yaml:2: sync\.interval: [\s\S]*environment: CONNECTOR_LISTEN: /,
    )
  })
})
