import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configurationMarkdown } from './docs-markdown.ts'
import { configurationSchema, configurationSchemaText } from './json-schema.ts'
import { FILE_SUFFIX, variableOf, type AnyOption } from './option.ts'
import { ACCOUNT_OPTIONS, OPTIONS } from './options.ts'

const read = (url: string) => readFileSync(new URL(url, import.meta.url), 'utf8')
const options: [string, AnyOption][] = [...Object.entries(OPTIONS), ...Object.entries(ACCOUNT_OPTIONS)]

describe('generated documentation', () => {
  it.each([
    ['configuration.md', configurationMarkdown],
    ['connector.schema.json', configurationSchemaText],
  ])('docs/%s is what the table says (node tools/with-node.mjs src/config/generate-docs.ts writes it)', (name, generate) => {
    expect(read(`../../docs/${name}`)).toBe(generate())
  })

  it('names every option with its variable', () => {
    const markdown = configurationMarkdown()
    for (const [path, option] of options) expect(markdown).toContain(option.secret ? `\`${path}${FILE_SUFFIX}\`` : `\`${path}\``)
    for (const path of Object.keys(OPTIONS))
      if (OPTIONS[path as keyof typeof OPTIONS].type.scalar) expect(markdown).toContain(variableOf(path))
  })

  it.each([
    ['server.listen', 'CONNECTOR_SERVER_LISTEN'],
    ['dataDir', 'CONNECTOR_DATA_DIR'],
    ['jira.url', 'CONNECTOR_JIRA_URL'],
    ['issueKeys.pullRequestCommits', 'CONNECTOR_ISSUE_KEYS_PULL_REQUEST_COMMITS'],
  ])('%s is overridden by %s', (path, variable) => {
    expect(variableOf(path)).toBe(variable)
  })

  it.each(options)('%s is described in whole sentences', (_path, { description }) => {
    expect(description).toMatch(/^[A-Z0-9`].*\.$/s)
  })

  it('gives every name of a path to one variable only', () => {
    const variables = Object.keys(OPTIONS).map(variableOf)
    expect(new Set(variables).size).toBe(variables.length)
  })
})

describe('the JSON Schema', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, strictRequired: false }).compile(
    configurationSchema(),
  )
  const errorsOf = (document: unknown) => {
    validate(document)
    return (validate.errors ?? []).map((error) => error.instancePath)
  }
  const account = { id: 'acme', host: 'gitlab', url: 'https://gitlab.example.com', token: '${GITLAB_TOKEN}' }

  it("accepts the contract's example and the empty file", () => {
    expect(errorsOf(parse(read('fixtures/contract-example.yaml')))).toEqual([])
    expect(errorsOf({})).toEqual([])
    expect(errorsOf({ jira: null, accounts: null, sync: { interval: null } })).toEqual([])
  })

  it('accepts secrets from files and variables instead of numbers', () => {
    const { token: _token, ...rest } = account
    expect(errorsOf({ accounts: [{ ...rest, tokenFile: '/run/secrets/token' }], sync: { concurrency: '${N}' } })).toEqual([])
  })

  it.each<[unknown, string]>([
    [{ sync: { intervall: '60m' } }, '/sync'],
    [{ sync: { interval: 60 } }, '/sync/interval'],
    [{ sync: { concurrency: 100 } }, '/sync/concurrency'],
    [{ jira: { property: { shop: 'full' } } }, '/jira/property'],
    [{ log: { level: 'loud' } }, '/log/level'],
    [{ accounts: [{ ...account, host: 'github' }] }, '/accounts/0/host'],
    [{ accounts: [{ ...account, tokenFile: 'x' }] }, '/accounts/0'],
    [{ accounts: [{ ...account, id: undefined }] }, '/accounts/0'],
    [{ accounts: {} }, '/accounts'],
  ])('refuses %j', (document, place) => {
    expect(errorsOf(JSON.parse(JSON.stringify(document)))).toContain(place)
  })
})
