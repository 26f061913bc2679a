import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../lib/package-root.ts'
import { JIRA_CONDITIONS } from '../../sandbox/jira/app/conditions.ts'
import { readApp } from '../../sandbox/jira/app/read-app.ts'
import { readTexts } from '../../sandbox/jira/app/read-texts.ts'
import { readXml, type XmlElement } from '../../sandbox/jira/app/read-xml.ts'
import { developmentExample } from '../fixtures/test-development.ts'
import { toIssueProperty } from '../issue-property.ts'
import { buildJiraApp } from './build-jira-app.ts'
import { toAccountsAddress, toDescriptor } from './descriptor.ts'
import { JQL_ALIASES } from './jql-aliases.ts'

const OPTIONS = { version: '1.2.3', serverUrl: 'https://dvcs.example.com', hosts: ['https://gitlab.example.com'] }
const descriptor = readXml(toDescriptor(OPTIONS))
const { jar } = buildJiraApp(OPTIONS)
const files = unzipSync(jar)

/** An element and all below it. */
function all(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(all)]
}
const elements = all(descriptor)
const named = (name: string) => elements.filter((element) => element.name === name)
const one = (name: string): XmlElement => {
  const [found, ...more] = named(name)
  if (found === undefined || more.length > 0) throw new Error(`${named(name).length} elements ${name}`)
  return found
}
const valuesOf = (name: string) =>
  elements.flatMap(({ attributes }) => {
    const value = attributes[name]
    return value === undefined ? [] : [value]
  })

describe('the descriptor', () => {
  test('is taken by a Jira that reads strictly', () => {
    expect(readApp(jar)).toMatchObject({ key: 'io.github.jira-dvcs', version: '1.2.3' })
  })

  test('says who it is, for a Jira Data Center', () => {
    expect(descriptor).toMatchObject({ name: 'atlassian-plugin', attributes: { 'plugins-version': '2' } })
    const parameters = one('plugin-info').children.filter(({ name }) => name === 'param')
    expect(parameters.map(({ attributes, text }) => `${attributes['name']}=${text}`)).toEqual([
      'atlassian-data-center-status=compatible',
      'atlassian-data-center-compatible=true',
      'plugin-icon=images/icon.png',
      'plugin-logo=images/logo.png',
    ])
  })

  test('names no class but conditions of Jira', () => {
    expect(named('condition').map(({ attributes }) => attributes['class'])).toEqual(valuesOf('class'))
    expect(valuesOf('class').filter((name) => !JIRA_CONDITIONS.includes(name))).toEqual([])
  })

  test('shows the panel to who has View Development Tools, and fills every context that knows issues', () => {
    expect(one('web-panel')).toMatchObject({
      attributes: { key: 'dvcs-development-panel', location: 'atl.jira.view.issue.right.context' },
    })
    const condition = one('web-panel').children.find(({ name }) => name === 'condition')
    expect(condition?.attributes['class']).toMatch(/\.HasIssuePermissionCondition$/)
    expect(condition?.children[0]).toMatchObject({ attributes: { name: 'permission' }, text: 'viewversioncontrol' })
    expect(named('context').map(({ text }) => text)).toEqual(['jira.view.issue', 'gh-rapid'])
    // One that a version of Jira lacks would keep script and style away.
    expect(named('dependency')).toEqual([])
  })

  test('names files that are in the jar, and the jar holds no other', () => {
    const located = valuesOf('location').filter((location) => /^(html|js|css)\//.test(location))
    const icons = named('param').flatMap(({ attributes, text }) =>
      /^plugin-(icon|logo)$/.test(attributes['name'] ?? '') ? [text] : [],
    )
    const texts = named('resource').flatMap(({ attributes }) =>
      attributes['type'] === 'i18n' ? [`${attributes['location']?.replaceAll('.', '/')}.properties`] : [],
    )

    expect([...located, ...icons, ...texts, 'META-INF/MANIFEST.MF', 'atlassian-plugin.xml'].toSorted()).toEqual(
      Object.keys(files).toSorted(),
    )
    expect(new TextDecoder().decode(files['html/panel.html']).trim()).not.toBe('')
  })

  test('gives every module a key of its own, and the panel one that is unique on the page', () => {
    const keys = descriptor.children.flatMap(({ attributes }) => (attributes['key'] === undefined ? [] : [attributes['key']]))

    expect(new Set(keys).size).toBe(keys.length)
    expect(keys).toContain('dvcs-development-panel')
  })

  test('has every text that it names, under keys of its own, and no other', () => {
    const texts = readTexts(new TextDecoder().decode(files['i18n/dvcs.properties']))
    const labels = named('label').map(({ attributes }) => attributes['key'] ?? '')

    expect([...texts.keys()].toSorted()).toEqual(labels.toSorted())
    expect(labels.filter((label) => !label.startsWith('jira-dvcs.'))).toEqual([])
  })
})

describe('the names for JQL', () => {
  // As the connector writes it, with something of every kind.
  const written = JSON.parse(toIssueProperty(developmentExample(), { level: 'counts' }).json) as unknown

  test('stand in the descriptor as in the table', () => {
    expect(one('index-document-configuration').attributes['entity-key']).toBe('IssueProperty')
    expect(one('index-document-configuration').children[0]?.attributes['property-key']).toBe('dvcs-development')
    expect(
      named('extract').map(({ attributes }) => `${attributes['alias']} ${attributes['path']} ${attributes['type']}`),
    ).toEqual(JQL_ALIASES.map(({ name, path, type }) => `${name} ${path} ${type}`))
  })

  test('are ours, unique, and about a dozen at most', () => {
    const names = JQL_ALIASES.map(({ name }) => name)

    expect(names.filter((name) => !/^dvcs[A-Z][A-Za-z]+$/.test(name))).toEqual([])
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
    expect(new Set(JQL_ALIASES.map(({ path }) => path)).size).toBe(names.length)
    expect(names.length).toBeLessThanOrEqual(12)
  })

  test('stand in the documentation as in the table', () => {
    const documented = readFileSync(join(packageRoot, 'docs', 'jira-app.md'), 'utf8')
    const types = { number: 'number', date: 'date', string: 'text, exact' }

    expect([...documented.matchAll(/^\| `(dvcs\w+)` \| (.+) \| (.+) \|$/gm)].map((row) => row.slice(1))).toEqual(
      JQL_ALIASES.map(({ name, type, meaning }) => [name, types[type], meaning]),
    )
  })

  test.each(JQL_ALIASES.map((alias) => [alias.name, alias] as const))(
    '%s is in the property, as its type',
    (_name, { path, type }) => {
      const value = path
        .split('.')
        .reduce<unknown>((inside, member) => (inside as Readonly<Record<string, unknown>>)[member], written)
      const values = Array.isArray(value) ? (value as unknown[]) : [value]

      expect(values.length).toBeGreaterThan(0)
      for (const each of values) {
        expect(typeof each).toBe(type === 'number' ? 'number' : 'string')
        if (type === 'date') expect(each).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
      }
    },
  )
})

describe("the menu's address", () => {
  test.each([
    ['https://dvcs.example.com', 'https://dvcs.example.com/accounts'],
    ['https://dvcs.example.com/', 'https://dvcs.example.com/accounts'],
    ['http://127.0.0.1:8090/connector', 'http://127.0.0.1:8090/connector/accounts'],
    ["https://example.com/it's & <more>", "https://example.com/it's%20&%20%3Cmore%3E/accounts"],
  ])('of %s is %s, whatever XML would make of it', (serverUrl, address) => {
    const link = all(readXml(toDescriptor({ ...OPTIONS, serverUrl }))).find(({ name }) => name === 'link')

    expect(link?.text).toBe(address)
  })

  test.each([
    'https://dvcs.example.com/$user',
    'https://dvcs.example.com/#accounts',
    'https://dvcs.example.com/?a=b',
    'https://name:word@dvcs.example.com',
    'javascript:alert(1)//',
    'ftp://dvcs.example.com',
    'dvcs.example.com',
    '',
  ])('cannot be %j', (serverUrl) => {
    expect(() => toAccountsAddress(serverUrl)).toThrow(expect.objectContaining({ code: 'jira-app-address-invalid' }))
    expect(() => toAccountsAddress(serverUrl)).not.toThrow(/word/)
  })
})
