import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { buildJiraApp } from './build-jira-app.ts'

const MOST_BYTES = 60 * 1024
const OPTIONS = { version: '1.2.3', serverUrl: 'https://dvcs.example.com', hosts: ['https://gitlab.example.com'] }

interface Entry {
  readonly name: string
  readonly flags: number
  readonly dosTime: number
  readonly extraBytes: number
  readonly content: Buffer
}

/** The entries in their order, read by hand out of the local headers, which a reader of streams goes by. */
function entriesOf(jar: Uint8Array): Entry[] {
  const bytes = Buffer.from(jar)
  const entries: Entry[] = []
  let at = 0
  while (bytes.readUInt32LE(at) === 0x04034b50) {
    const [method, size] = [bytes.readUInt16LE(at + 8), bytes.readUInt32LE(at + 18)]
    const [nameBytes, extraBytes] = [bytes.readUInt16LE(at + 26), bytes.readUInt16LE(at + 28)]
    const start = at + 30 + nameBytes + extraBytes
    const packed = bytes.subarray(start, start + size)
    entries.push({
      name: bytes.toString('latin1', at + 30, at + 30 + nameBytes),
      flags: bytes.readUInt16LE(at + 6),
      dosTime: bytes.readUInt32LE(at + 10),
      extraBytes,
      content: method === 0 ? packed : inflateRawSync(packed),
    })
    at = start + size
  }
  return entries
}

const textOf = (name: string, jar = buildJiraApp(OPTIONS).jar) =>
  entriesOf(jar)
    .find((entry) => entry.name === name)
    ?.content.toString('utf8') ?? ''

describe('the jar', () => {
  test('holds what the app needs in a fixed order, no class, and stays small', () => {
    const { jar, fileName } = buildJiraApp(OPTIONS)

    expect(fileName).toBe('jira-dvcs-1.2.3.jar')
    expect(entriesOf(jar).map(({ name }) => name)).toEqual([
      'META-INF/MANIFEST.MF',
      'atlassian-plugin.xml',
      'css/panel.css',
      'html/panel.html',
      'i18n/dvcs.properties',
      'images/icon.png',
      'images/logo.png',
      'js/panel.js',
    ])
    expect(jar.length).toBeLessThan(MOST_BYTES)
  })

  test('has one early time for every entry, and no extra fields', () => {
    const noon = (((0 << 9) | (1 << 5) | 1) << 16) | (12 << 11)

    expect(entriesOf(buildJiraApp(OPTIONS).jar).map(({ flags, dosTime, extraBytes }) => [flags, dosTime, extraBytes])).toEqual(
      Array.from({ length: 8 }, () => [0, noon, 0]),
    )
  })

  test('has the same bytes in every time zone', () => {
    const script = `
      import { createHash } from 'node:crypto'
      import { buildJiraApp } from ${JSON.stringify(new URL('./build-jira-app.ts', import.meta.url).href)}
      const { jar } = buildJiraApp(${JSON.stringify(OPTIONS)})
      process.stdout.write(new Date(0).getHours() + ' ' + createHash('sha256').update(jar).digest('hex'))`
    const builtIn = (TZ: string) =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
        env: { PATH: process.env['PATH'], TZ },
        encoding: 'utf8',
      }).split(' ')

    const [auckland, losAngeles] = [builtIn('Pacific/Auckland'), builtIn('America/Los_Angeles')]
    const here = createHash('sha256').update(buildJiraApp(OPTIONS).jar).digest('hex')

    expect([auckland[0], losAngeles[0]]).toEqual(['12', '16'])
    expect([auckland[1], losAngeles[1]]).toEqual([here, here])
  }, 30_000)

  test('depends on the version, the address and the hosts alone', () => {
    const bytesOf = (options: Partial<typeof OPTIONS>) => Buffer.from(buildJiraApp({ ...OPTIONS, ...options }).jar)

    expect(bytesOf({}).equals(bytesOf({}))).toBe(true)
    expect(bytesOf({ version: '1.2.4' }).equals(bytesOf({}))).toBe(false)
    expect(bytesOf({ serverUrl: 'https://other.example.com' }).equals(bytesOf({}))).toBe(false)
    expect(bytesOf({ hosts: ['https://git.example.com'] }).equals(bytesOf({}))).toBe(false)
  })

  test('has the same bytes for the same hosts, however often, in whatever order and form they come', () => {
    const hosts = [
      'https://git.example.com',
      'https://GitLab.example.com:443/',
      'https://gitlab.example.com',
      'javascript:alert(1)',
    ]
    const built = buildJiraApp({ ...OPTIONS, hosts })

    expect(built.hosts).toEqual(['https://git.example.com', 'https://gitlab.example.com'])
    const turned = buildJiraApp({ ...OPTIONS, hosts: hosts.toReversed() })
    expect(Buffer.from(turned.jar).equals(Buffer.from(built.jar))).toBe(true)
  })
})

test('the manifest lets Jira transform the jar: decision 0027', () => {
  const manifest = textOf('META-INF/MANIFEST.MF')

  expect(manifest).toBe('Manifest-Version: 1.0\r\nCreated-By: jira-dvcs\r\n\r\n')
  expect(manifest).not.toMatch(/Atlassian-Plugin-Key|Spring-Context|Bundle-/)
  expect(entriesOf(buildJiraApp(OPTIONS).jar).filter(({ name }) => /\.(class|jar)$|spring/i.test(name))).toEqual([])
})

test.each([
  ['0.1.0', '0.1.0'],
  ['1.0.0-rc.1', '1.0.0.rc-1'],
  ['1.0.0-beta+5', '1.0.0.beta'],
  ['1.0.0+5', '1.0.0'],
])('the version %s is %s for OSGi', (version, shown) => {
  const app = buildJiraApp({ ...OPTIONS, version })

  expect(app.version).toBe(shown)
  expect(textOf('atlassian-plugin.xml', app.jar)).toContain(`<version>${shown}</version>`)
})

test('what is no version is an error', () => {
  expect(() => buildJiraApp({ ...OPTIONS, version: 'next' })).toThrow(RangeError)
})

describe('the script', () => {
  const script = textOf('js/panel.js')

  test('is one function that keeps its names to itself, wherever it is put between others', () => {
    const source = ts.createSourceFile('panel.js', script, ts.ScriptTarget.ES2018, true, ts.ScriptKind.JS)
    const [first, second, ...more] = source.statements

    expect(first?.kind).toBe(ts.SyntaxKind.EmptyStatement)
    expect(second?.getText(source)).toMatch(/^\(function \(\) \{\n'use strict'[^]*\}\)\(\);$/)
    expect(more).toEqual([])
    expect(script.match(/\bwindow\.[\w$]+\s*=[^=]/g)).toEqual(['window.jiraDvcs = '])
  })

  test('is ES2018, because a syntax error would stop every app of Jira', () => {
    const print = (target: ts.ScriptTarget) =>
      ts.transpileModule(script, {
        compilerOptions: { target, allowJs: true, module: ts.ModuleKind.None },
        fileName: 'panel.js',
        reportDiagnostics: true,
      })
    const printed = print(ts.ScriptTarget.ES2018)

    // Those without a place are about the compiler's options.
    expect((printed.diagnostics ?? []).filter(({ start }) => start !== undefined)).toEqual([])
    expect(printed.outputText).toBe(print(ts.ScriptTarget.ESNext).outputText)
  })

  test('makes nothing out of text but text, and loads nothing from elsewhere', () => {
    const code = script.replaceAll(/^\s*\/\/.*$/gm, '')

    expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser/)
    expect(code).not.toMatch(/\beval\b|new Function|setTimeout\(\s*['"`]|\.on[a-z]+\s*=|import\(|XMLHttpRequest|sendBeacon/)
    expect(code).not.toMatch(/https?:\/\//)
    expect(code).not.toMatch(/\$\(|jQuery|AJS\.\$/)
  })
})

test('texts are ASCII, whatever they were written with', () => {
  expect(textOf('i18n/dvcs.properties')).toMatch(/^[\n -~]+$/)
})
