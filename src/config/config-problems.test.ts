import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { loadConfig } from './load-config.ts'

const SECRET = 'REDACTED-SAMPLE-TOKEN'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-problems-'))
  mkdirSync(join(folder, 'folder'))
  writeFileSync(join(folder, 'empty'), '\n')
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`)
  writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x61]))
  writeFileSync(join(folder, 'large'), 'x'.repeat(70_000))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function errorOf(text: string | Buffer, env: NodeJS.ProcessEnv = {}): ConfigError {
  writeFileSync(join(folder, 'connector.yaml'), text)
  return failureOf({ file: 'connector.yaml', env, cwd: folder })
}

function failureOf(source: Parameters<typeof loadConfig>[0]): ConfigError {
  try {
    loadConfig(source)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

/** Line, key and a part of the message of each problem. */
type Expected = [line: number | null, key: string, message: string]

const summaryOf = (problems: readonly ConfigProblem[]) => problems.map(({ line, key, message }) => [line, key, message])
const toMatch = (expected: readonly Expected[]): unknown[] =>
  expected.map(([line, key, message]) => [line, key, expect.stringContaining(message) as unknown])

const ACCOUNT = `accounts:
  - id: acme
    host: gitlab
    url: https://gitlab.example.com
    token: ${SECRET}
`
const JIRA = `jira:
  url: https://jira.example.com
  token: ${SECRET}
`

describe('problems of single options', () => {
  it.each<[text: string, expected: Expected]>([
    ['server: { url: dvcs.example.com }', [1, 'server.url', 'starts with https:// or http://']],
    ['server: { url: "ftp://dvcs.example.com" }', [1, 'server.url', 'starts with https://']],
    ['server: { url: "https://" }', [1, 'server.url', 'starts with https://']],
    ['server: { url: "https://a b" }', [1, 'server.url', 'starts with https://']],
    ['server: { url: "https:/dvcs.example.com" }', [1, 'server.url', 'starts with https://']],
    ['server: { url: "https://ada:hunter2@dvcs.example.com" }', [1, 'server.url', 'must not hold credentials']],
    ['server: { url: "https://token@dvcs.example.com" }', [1, 'server.url', 'must not hold credentials']],
    ['server: { url: "https://dvcs.example.com/?a=1" }', [1, 'server.url', 'query']],
    ['server: { listen: 8090 }', [1, 'server.listen', 'must be host:port']],
    ['server: { listen: "127.0.0.1:65536" }', [1, 'server.listen', '127.0.0.1:8090']],
    ['server: { listen: "::1:8090" }', [1, 'server.listen', '[::1]:8090']],
    ['server: { listen: "[127.0.0.1]:8090" }', [1, 'server.listen', 'host:port']],
    ['server: { adminToken: 0123456789abcde }', [1, 'server.adminToken', '16 characters or more']],
    ['server: { adminToken: "long enough, with blanks" }', [1, 'server.adminToken', 'must not hold blanks']],
    ['server: { secretKey: 0123456789abcde }', [1, 'server.secretKey', '16 characters or more']],
    ['server: { secretKey: "0123456789abcdef\\n0" }', [1, 'server.secretKey', 'line ends']],
    ['server: { secretKey: "" }', [1, 'server.secretKey', 'is empty']],
    ['server: { trustProxy: yes }', [1, 'server.trustProxy', 'must be true or false, not "yes"']],
    ['dataDir: ""', [1, 'dataDir', 'is empty']],
    ['dataDir: [a]', [1, 'dataDir', 'must be one value, not a list']],
    ['database: mysql://db', [1, 'database', 'must be sqlite or an address']],
    ['sync: { interval: 59s }', [1, 'sync.interval', 'must be from 1m to 24d, or off, not "59s"']],
    ['sync: { interval: 25d }', [1, 'sync.interval', 'must be from 1m to 24d']],
    ['sync: { interval: hourly }', [1, 'sync.interval', 'such as 90s, 60m, 12h or 14d']],
    ['sync: { interval: 60 }', [1, 'sync.interval', 'not "60"']],
    ['sync: { concurrency: 0 }', [1, 'sync.concurrency', 'from 1 to 64, not "0"']],
    ['sync: { concurrency: 1.5 }', [1, 'sync.concurrency', 'whole number']],
    ['sync: { concurrency: { a: 1 } }', [1, 'sync.concurrency', 'not a map']],
    ['panel: { branchName: "${summary}" }', [1, 'panel.branchName', 'must hold ${issueKey}']],
    ['panel: { branchName: "${issueKey}-${type}" }', [1, 'panel.branchName', 'placeholders']],
    ['panel: { hide: renovate }', [1, 'panel.hide', 'must be a list']],
    ['panel:\n  hide:\n    - a\n    - [b]\n', [4, 'panel.hide[1]', 'must be one value']],
    ['panel: { hide: [""] }', [1, 'panel.hide[0]', 'is empty']],
    ['issueKeys: { anyCaseIn: [branches] }', [1, 'issueKeys.anyCaseIn[0]', 'one of branch, commit, title, not "branches"']],
    ['git: { fullCloneLimit: 2GB }', [1, 'git.fullCloneLimit', 'such as 512MiB']],
    ['git: { fullCloneLimit: 0B }', [1, 'git.fullCloneLimit', '1B or more']],
    ['network: { ca: [nowhere.pem] }', [1, 'network.ca[0]', 'there is no such file']],
    ['network: { ca: [folder] }', [1, 'network.ca[0]', 'it is no file']],
    ['network: { proxy: "socks://proxy" }', [1, 'network.proxy', 'starts with https:// or http://']],
    ['network: { allowPrivateAddresses: 1 }', [1, 'network.allowPrivateAddresses', 'true or false']],
    ['log: { level: loud }', [1, 'log.level', 'one of debug, info, warn, error, not "loud"']],
    ['log: { format: xml }', [1, 'log.format', 'one of json, pretty']],
    ['server: { secretKeyFile: nowhere }', [1, 'server.secretKeyFile', 'there is no such file']],
    ['server: { secretKeyFile: folder }', [1, 'server.secretKeyFile', 'it is a folder']],
    ['server: { secretKeyFile: empty }', [1, 'server.secretKeyFile', 'empty file']],
    ['server: { secretKeyFile: binary }', [1, 'server.secretKeyFile', 'UTF-8']],
    ['server: { secretKeyFile: large }', [1, 'server.secretKeyFile', 'larger than 64 KiB']],
    ['server: { secretKeyFile: secret, secretKey: 0123456789abcdef }', [1, 'server.secretKey', 'excludes its twin']],
    ['server: { listen: "${LISTEN}" }', [1, 'server.listen', 'LISTEN, which is not set']],
    ['server: { listen: "${LISTEN:-x}" }', [1, 'server.listen', 'begins no ${NAME}']],
    ['server: { listen: "${LISTEN" }', [1, 'server.listen', 'begins no ${NAME}']],
    ['panel: { hide: [a, "${X}"] }', [1, 'panel.hide[1]', 'X, which is not set']],
  ])('%s', (text, expected) => {
    expect(summaryOf(errorOf(text).problems)).toEqual(toMatch([expected]))
  })
})

describe('problems of structure', () => {
  it.each<[text: string, expected: Expected[]]>([
    ['sync:\n  intervall: 60m', [[2, 'sync.intervall', 'is no option; did you mean "interval"?']]],
    ['interval: 60m', [[1, 'interval', 'did you mean "sync.interval"?']]],
    ['acounts: []', [[1, 'acounts', 'did you mean "accounts"?']]],
    ['Server: {}', [[1, 'Server', 'did you mean "server"?']]],
    ['sync: { data-dir: x }', [[1, 'sync.data-dir', 'is no option']]],
    ['zzzzzzzz: 1', [[1, 'zzzzzzzz', 'is no option']]],
    ['server.listen: x', [[1, '', 'holds a key that is no name']]],
    ['__proto__: { x: 1 }', [[1, '', 'holds a key that is no name']]],
    ['constructor: 1', [[1, 'constructor', 'is no option']]],
    [
      'server: { toString: 1, hasOwnProperty: 1 }',
      [
        [1, 'server.toString', 'is no option'],
        [1, 'server.hasOwnProperty', 'is no option'],
      ],
    ],
    ['server: x', [[1, 'server', 'must be a map of options']]],
    [`${JIRA.replace('token: ', 'token:')}`, [[3, '', 'is no valid YAML']]],
    [
      '{ jira: { url: "https://j.example.com", token:abc } }',
      [
        [1, 'jira', 'holds a key that is no name'],
        [1, 'jira.token', 'is missing'],
      ],
    ],
    ['accounts: acme', [[1, 'accounts', 'must be a list of accounts']]],
    ['accounts: [acme]', [[1, 'accounts[0]', 'must be a map of options']]],
    [
      'a: &a [x]\nb: *a',
      [
        [1, 'a', 'anchors and aliases'],
        [2, 'b', 'anchors and aliases'],
      ],
    ],
    ['server: !!map { listen: x }', [[1, 'server', 'tags are not supported']]],
    ['a: 1\n---\nb: 2', [[2, '', 'second document']]],
    ['sync: { interval: 60m\nlog: {}', [[2, '', 'is no valid YAML']]],
    ['sync:\n\tinterval: 60m', [[2, '', 'a tab']]],
    ['log: {}\nlog: {}', [[2, '', 'the same key twice']]],
    ['- a', [[1, '', 'is no map of options']]],
    ['text', [[1, '', 'is no map of options']]],
    [`a: ${'['.repeat(50_000)}`, [[1, '', 'nested too deeply']]],
    [`a: ${'['.repeat(40)}${']'.repeat(40)}`, [[1, expect.stringMatching(/^a(\[0\])+$/) as string, 'nested too deeply']]],
  ])('%s', (text, expected) => {
    expect(summaryOf(errorOf(text).problems)).toEqual(toMatch(expected))
  })

  it('refuses a file of aliases of aliases at once', () => {
    const levels = Array.from({ length: 40 }, (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(10)}]`)
    const { problems } = errorOf(`l0: &l0 [x]\n${levels.join('\n')}`)
    expect(problems.length).toBeLessThan(50)
  })

  it.each<[name: string, content: Buffer | null, message: string]>([
    ['nowhere.yaml', null, 'there is no such file'],
    ['utf16.yaml', Buffer.from('\ufefflog: {}', 'utf16le'), 'no text in UTF-8'],
    ['large.yaml', Buffer.from('#'.repeat(1_100_000)), 'larger than 1024 KiB'],
    ['folder', null, 'it is a folder'],
  ])('names the file %s that cannot be read', (file, content, message) => {
    if (content !== null) writeFileSync(join(folder, file), content)
    const { problems } = failureOf({ file, env: {}, cwd: folder })
    expect(problems).toEqual([{ file, line: null, key: '', message: expect.stringContaining(message) }])
  })
})

describe('problems of accounts, of Jira and of what goes together', () => {
  it.each<[text: string, expected: Expected[]]>([
    [
      'accounts: [{}]',
      [
        [1, 'accounts[0].id', 'is missing'],
        [1, 'accounts[0].host', 'is missing'],
        [1, 'accounts[0].url', 'is missing'],
        [1, 'accounts[0].token', 'is missing'],
      ],
    ],
    [
      ACCOUNT.replace('gitlab\n', 'github\n'),
      [[3, 'accounts[0].host', 'must be gitlab, not "github"; other Git hosts are not supported yet']],
    ],
    [ACCOUNT.replace('acme', 'a/b'), [[2, 'accounts[0].id', 'letters, digits']]],
    [ACCOUNT.replace('acme', 'jira'), [[2, 'accounts[0].id', 'not jira']]],
    [ACCOUNT.replace('https://', 'https://ada:hunter2@'), [[4, 'accounts[0].url', 'must not hold credentials']]],
    [
      ACCOUNT.replace('token: ', 'tokens: '),
      [
        [2, 'accounts[0].token', 'is missing'],
        [5, 'accounts[0].tokens', 'did you mean "token"?'],
      ],
    ],
    [`${ACCOUNT}    owner: https://gitlab.example.com/acme`, [[6, 'accounts[0].owner', 'a path such as acme']]],
    [`${ACCOUNT}    owner: /acme/`, [[6, 'accounts[0].owner', 'a path such as acme']]],
    [`${ACCOUNT}    webhooks: never`, [[6, 'accounts[0].webhooks', 'one of auto, group']]],
    [`${ACCOUNT}    webhooks: manual`, [[6, 'accounts[0].webhookSecret', 'is required with webhooks: manual']]],
    [
      `${ACCOUNT}    webhooks: manual\n    webhookSecret: 0123456789abcde`,
      [[7, 'accounts[0].webhookSecret', '16 characters or more']],
    ],
    [`${ACCOUNT}    jiraProjects: [SHOP, shop]`, [[6, 'accounts[0].jiraProjects[1]', 'a project key in upper case']]],
    [`${ACCOUNT}    include: "**"`, [[6, 'accounts[0].include', 'must be a list']]],
    [`${ACCOUNT}    name: {}`, [[6, 'accounts[0].name', 'must be one value']]],
    [`${ACCOUNT}${ACCOUNT.replace('accounts:\n', '')}`, [[6, 'accounts[1].id', 'another account already, in line 2']]],
    ['jira: { url: "https://jira.example.com" }', [[1, 'jira.token', 'is missing']]],
    [`jira: { token: ${SECRET} }`, [[1, 'jira.url', 'is missing']]],
    [`${JIRA}  username: ada\n  password: ${SECRET}`, [[3, 'jira.token', 'excludes jira.username']]],
    ['jira: { url: "https://jira.example.com", username: ada }', [[1, 'jira.password', 'goes with jira.username']]],
    [`jira: { url: "https://jira.example.com", password: ${SECRET} }`, [[1, 'jira.username', 'goes with jira.password']]],
    ['jira: { url: "https://jira.example.com", username: "a:b", password: x }', [[1, 'jira.username', 'colon']]],
    [`${JIRA}  property: all`, [[4, 'jira.property', 'one of full, titles, counts']]],
    [`${JIRA}  property: { SHOP: all }`, [[4, 'jira.property.SHOP', 'one of full, titles, counts']]],
    [`${JIRA}  property: { shop: full }`, [[4, 'jira.property', 'no project key']]],
    [`${JIRA}  property: { __proto__: full }`, [[4, 'jira.property', 'no project key']]],
    [`${JIRA}  property: [full]`, [[4, 'jira.property', 'not a list']]],
    [`${JIRA}  delivery: [mail]`, [[4, 'jira.delivery[0]', 'one of property, link']]],
    [`${JIRA}  webhooks: manual`, [[4, 'jira.webhookSecret', 'required with webhooks: manual']]],
    [`${JIRA}  webhookSecret: short`, [[4, 'jira.webhookSecret', '16 characters']]],
    [`${JIRA}  poll: sometimes`, [[4, 'jira.poll', 'a duration']]],
    ['log: {}\ndatabase: postgres://db/connector', [[2, 'server.secretKey', 'is required with PostgreSQL']]],
  ])('%s', (text, expected) => {
    expect(summaryOf(errorOf(text).problems)).toEqual(toMatch(expected))
  })
})

describe('problems of variables', () => {
  it.each<[env: NodeJS.ProcessEnv, expected: Expected]>([
    [{ CONNECTOR_SERVER_LISTN: 'x' }, [null, 'CONNECTOR_SERVER_LISTN', 'did you mean CONNECTOR_SERVER_LISTEN?']],
    [{ CONNECTOR_LISTEN: 'x' }, [null, 'CONNECTOR_LISTEN', 'did you mean CONNECTOR_SERVER_LISTEN?']],
    [{ CONNECTOR_ADMIN_TOKEN: SECRET }, [null, 'CONNECTOR_ADMIN_TOKEN', 'did you mean CONNECTOR_SERVER_ADMIN_TOKEN?']],
    [{ CONNECTOR_ZZZZZZZZZZZZZZZZZZZ: 'x' }, [null, 'CONNECTOR_ZZZZZZZZZZZZZZZZZZZ', 'is no option']],
    [{ CONNECTOR_JIRA_DELIVERY: 'link' }, [null, 'CONNECTOR_JIRA_DELIVERY', 'only the configuration file can hold']],
    [{ CONNECTOR_ACCOUNTS_0_TOKEN: SECRET }, [null, 'CONNECTOR_ACCOUNTS_0_TOKEN', 'accounts come from the configuration file']],
    [{ CONNECTOR_SYNC_INTERVAL: '5s' }, [null, 'CONNECTOR_SYNC_INTERVAL', 'must be from 1m']],
    [{ CONNECTOR_SERVER_SECRET_KEY_FILE: 'nowhere' }, [null, 'CONNECTOR_SERVER_SECRET_KEY_FILE', 'there is no such file']],
    [{ CONNECTOR_DATABASE: 'postgres://db/connector' }, [null, 'server.secretKey', 'is required with PostgreSQL']],
    [{ CONNECTOR_JIRA_URL: 'https://jira.example.com' }, [null, 'jira.token', 'is missing']],
    [{ HTTPS_PROXY: 'socks://proxy' }, [null, 'HTTPS_PROXY', 'starts with https:// or http://']],
  ])('%o', (env, expected) => {
    const { problems } = failureOf({ file: null, env, cwd: folder })
    expect(summaryOf(problems)).toEqual(toMatch([expected]))
    expect(problems[0]?.file).toBe('environment')
  })

  it('knows the variables that the file refers to', () => {
    const text = 'server: { adminToken: "${CONNECTOR_ADMIN_TOKEN}" }\nlog: { level: loud }'
    expect(summaryOf(errorOf(text, { CONNECTOR_ADMIN_TOKEN: SECRET }).problems)).toEqual(toMatch([[2, 'log.level', 'one of']]))
  })
})

describe('a file with many problems', () => {
  it('tells all of them at once, in the order of the file, then of the environment', () => {
    const text = `log: { level: loud }\n${ACCOUNT.replace('gitlab\n', 'svn\n')}sync:\n  interval: 1s\n  concurency: 3\n`
    const error = errorOf(text, { CONNECTOR_SERVER_TRUST_PROXY: 'perhaps' })
    expect(summaryOf(error.problems)).toEqual(
      toMatch([
        [1, 'log.level', 'one of'],
        [4, 'accounts[0].host', 'gitlab'],
        [8, 'sync.interval', 'must be from 1m'],
        [9, 'sync.concurency', 'did you mean "concurrency"?'],
        [null, 'CONNECTOR_SERVER_TRUST_PROXY', 'true or false'],
      ]),
    )
    expect(error).toMatchObject({ code: 'config-invalid', retryable: false })
    expect(error.userMessage).toContain('connector.yaml:8: sync.interval: must be')
  })
})

describe('secrets', () => {
  const places: [name: string, text: string][] = [
    ['too short', `server: { adminToken: "SECRET x", secretKey: "S" }`],
    ['in an address', 'server: { url: "https://ada:SECRET@dvcs.example.com" }'],
    ['in a wrong address', 'jira: { url: "SECRET", token: "SECRET" }'],
    ['in the query of an address', 'jira: { url: "https://jira.example.com/?token=SECRET", token: x }'],
    ['in a wrong database', 'database: "mysql://ada:SECRET@db"'],
    ['in a proxy', 'network: { proxy: "socks://ada:SECRET@proxy" }'],
    ['with line ends', 'jira: { url: "https://jira.example.com", token: "SECRET\\nSECRET" }'],
    ['as a list', 'jira: { token: [SECRET] }'],
    ['as a map', 'jira: { token: { SECRET: SECRET } }'],
    ['without a blank after the colon, in braces', '{ jira: { url: "https://j.example.com", token:SECRET } }'],
    ['without a blank after the colon', 'jira:\n  url: https://j.example.com\n  token:SECRET\n'],
    ['instead of a section', 'jira: token:SECRET'],
    ['in broken quotes', 'jira: { token: "SECRET }'],
    ['before broken YAML', 'jira: { token: SECRET: SECRET }'],
    ['behind an alias', 'jira: { token: *SECRET }'],
    ['in a tag', 'jira: { token: !SECRET x }'],
    ['twice', 'jira: { token: SECRET, token: SECRET }'],
    ['under an unknown key', 'jira: { tokn: SECRET }'],
    ['in an unknown section', 'jiraa: { token: SECRET }'],
    ['as a twin', 'jira: { token: SECRET, tokenFile: secret }'],
    ['in a placeholder', 'jira: { token: "${SECRET SECRET}" }'],
    [
      'from a variable in an option that shows its value',
      'log: { level: "${LEAK}" }\nsync: { interval: "${LEAK}", concurrency: "x${LEAK}" }',
    ],
    ['from a variable in a list', 'jira: { delivery: ["${LEAK}"], property: "${LEAK}", url: x }'],
    [
      'from a variable in an account',
      'accounts: [{ id: "${LEAK} ", host: "${LEAK}", url: "${LEAK}", owner: "/${LEAK}", webhooks: "${LEAK}" }]',
    ],
  ]

  it.each(places)('do not appear when one is %s', (_name, text) => {
    const error = errorOf(text.replaceAll('SECRET', SECRET), {
      LEAK: SECRET,
      CONNECTOR_SERVER_LISTEN: SECRET,
      CONNECTOR_TOKEN: SECRET,
    })
    for (const shown of [
      JSON.stringify(error.problems),
      error.userMessage,
      String(error),
      inspect(error, { depth: 9, showHidden: true }),
    ]) {
      expect(shown).not.toContain(SECRET)
    }
  })
})
