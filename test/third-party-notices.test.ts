import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeThirdParties, isPermissive } from '../tools/third-party-notices.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'jira-dvcs-notices-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Installs a package; returns the path of a module of it. */
function install(name: string, manifest: object, files: Record<string, string> = {}): string {
  const folder = join(root, 'node_modules', name)
  mkdirSync(join(folder, 'lib'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: name.replace(/^.*node_modules\//, ''), ...manifest }))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  return join(folder, 'lib', 'index.js')
}

test('a text stands once, below every package that comes with it, whatever the module is called', () => {
  const modules = [
    install('b', { version: '1.0.0', license: 'MIT' }, { LICENSE: 'Copyright Anna\r\nMay be used.\r\n' }),
    `\0${install('@scope/a', { version: '2.0.0', license: 'MIT' }, { 'license.md': 'Copyright Anna\nMay be used.\n' })}?commonjs`,
    install('b/node_modules/c', { version: '3.0.0', license: 'ISC' }, { COPYING: 'Copyright Carl', NOTICE: 'Also by Dora' }),
    join(root, 'src', 'main.ts'),
    '\0virtual',
  ]

  const text = describeThirdParties([...modules, ...modules], root)

  expect(text.split(`${'-'.repeat(80)}\n`).slice(1)).toEqual([
    '\n@scope/a 2.0.0 (MIT)\nb 1.0.0 (MIT)\n\nCopyright Anna\nMay be used.\n\n',
    '\nc 3.0.0 (ISC)\n\nCopyright Carl\n\nAlso by Dora\n',
  ])
})

test('without a file the readme is asked, else who made it is named', () => {
  const modules = [
    install('told', { version: '1.0.0', license: 'MIT' }, { 'README.md': '# Told\n\n## License\n\nCopyright Emil\n\n## More\n' }),
    install('silent', { version: '1.0.0', license: 'Apache-2.0', author: { name: 'Frieda' } }, { 'README.md': '# Silent' }),
  ]

  const text = describeThirdParties(modules, root)

  expect(text).toContain('told 1.0.0 (MIT)\n\nCopyright Emil\n')
  expect(text).toContain('silent 1.0.0 (Apache-2.0)\n\nBy Frieda, under the licence Apache-2.0')
  expect(text).not.toContain('More')
})

test('a package whose licence binds, or that has none, stops the build', () => {
  const binding = install('binding', { version: '1.0.0', license: 'GPL-3.0-only' }, { LICENSE: 'Copyleft' })
  const nameless = install('nameless', { version: '1.0.0' }, { LICENSE: 'Some text' })

  expect(() => describeThirdParties([binding], root)).toThrow('binding 1.0.0 cannot be bundled: its licence is "GPL-3.0-only"')
  expect(() => describeThirdParties([nameless], root)).toThrow('nameless 1.0.0 cannot be bundled')
  expect(isPermissive('(MIT OR GPL-3.0-only)')).toBe(true)
  expect(isPermissive('MIT AND GPL-3.0-only')).toBe(false)
})
