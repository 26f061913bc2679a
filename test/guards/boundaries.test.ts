import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plantProject, repositoryRoot } from './planted-project.ts'

const BOUNDARIES = 'tools/boundaries.ts'
const EMPTY = 'export const nothing = 0\n'
const use = (path: string): string => `import { nothing } from '${path}'\nexport const copy = nothing\n`
const useType = (path: string): string => `import type { nothing } from '${path}'\nexport type Copy = typeof nothing\n`

/** Each rule of .dependency-cruiser.cjs, and an import that breaks it: file, what it imports. */
const FORBIDDEN: readonly (readonly [rule: string, file: string, target: string])[] = [
  ['domain-imports-lib-only', 'src/domain/a.ts', '../db/b.ts'],
  ['lib-imports-nothing', 'src/lib/a.ts', '../domain/b.ts'],
  ['config-imports-lib-only', 'src/config/a.ts', '../domain/b.ts'],
  ['contract-imports-domain-only', 'src/contract/a.ts', '../lib/b.ts'],
  ['db-imports-domain-lib-only', 'src/db/a.ts', '../jobs/b.ts'],
  ['jobs-imports-db-domain-lib-only', 'src/jobs/a.ts', '../app/b.ts'],
  ['git-imports-domain-lib-only', 'src/git/a.ts', '../hosts/types.ts'],
  ['jira-imports-domain-lib-only', 'src/jira/a.ts', '../db/b.ts'],
  ['app-imports-domain-lib-db-jobs-git-jira-hosts-types-only', 'src/app/a.ts', '../hosts/gitlab/b.ts'],
  ['http-imports-contract-app-db-views-domain-lib-config-only', 'src/http/a.ts', '../db/b.ts'],
  ['sandbox-imports-lib-only', 'src/sandbox/a.ts', '../domain/b.ts'],
  ['better-sqlite3-in-db-jobs-only', 'src/app/b1.ts', 'better-sqlite3'],
  ['kysely-in-db-jobs-only', 'src/app/b2.ts', 'kysely'],
  ['pg-in-db-jobs-only', 'src/app/b3.ts', 'pg'],
  ['graphile-worker-in-jobs-only', 'src/db/b4.ts', 'graphile-worker'],
  ['undici-in-lib-only', 'src/jira/b5.ts', 'undici'],
  ['pino-in-lib-only', 'src/http/b6.ts', 'pino'],
  ['fastify-in-http-sandbox-only', 'src/app/b7.ts', 'fastify'],
  ['fastify-in-http-sandbox-only', 'src/app/b8.ts', '@fastify/helmet'],
  ['fastify-type-provider-zod-in-http-only', 'src/contract/b9.ts', 'fastify-type-provider-zod'],
  ['yaml-in-config-only', 'src/app/b10.ts', 'yaml'],
  ['commander-in-cli-main-only', 'src/app/b11.ts', 'commander'],
  ['cli-progress-in-cli-only', 'src/app/b12.ts', 'cli-progress'],
  ['prom-client-in-app-cli-only', 'src/http/b13.ts', 'prom-client'],
  ['oauth4webapi-in-hosts-jira-only', 'src/app/b14.ts', 'oauth4webapi'],
  ['standardwebhooks-in-sandbox-only', 'src/hosts/gitlab/b15.ts', 'standardwebhooks'],
  ['fflate-in-jira-sandbox-only', 'src/app/b16.ts', 'fflate'],
  ['host-imports-own-folder-types-domain-lib-only', 'src/hosts/gitlab/a.ts', '../other/b.ts'],
  ['hosts-port-imports-hosts-domain-lib-only', 'src/hosts/registry.ts', '../db/b.ts'],
  ['contract-imports-domain-types-only', 'src/contract/c.ts', '../domain/b.ts'],
  ['sandbox-imported-by-demo-only', 'src/cli/sync.ts', '../sandbox/b.ts'],
  ['domain-reaches-no-world', 'src/domain/c.ts', 'node:fs/promises'],
  ['child-process-in-git-cli-sandbox-only', 'src/app/c.ts', 'node:child_process'],
  ['web-imports-web-and-contract-only', 'web/app/a.ts', '../../src/domain/b.ts'],
  ['web-ui-imports-ui-and-contract-only', 'web/ui/a.ts', '../app/b.ts'],
  ['web-feature-imports-own-folder-ui-and-contract-only', 'web/features/one/a.ts', '../two/b.ts'],
  ['production-imports-no-tests', 'src/app/d.ts', './b.test.ts'],
  ['production-imports-no-dev-dependency', 'src/app/e.ts', 'fast-check'],
  ['no-circular', 'src/git/back.ts', './circle.ts'],
  ['no-unresolvable', 'src/git/c.ts', './gone.ts'],
]
const PACKAGES = FORBIDDEN.map(([, , target]) => target).filter((target) => /^[a-z@]/.test(target) && !target.startsWith('node:'))
const targets = ['domain', 'db', 'jobs', 'app', 'lib', 'hosts/gitlab', 'hosts/other', 'sandbox'].map((folder) => [
  `src/${folder}/b.ts`,
  EMPTY,
])
const SUPPORT: Record<string, string> = {
  ...(Object.fromEntries(targets) as Record<string, string>),
  'src/hosts/types.ts': EMPTY,
  'web/app/b.ts': EMPTY,
  'web/features/two/b.ts': EMPTY,
  'src/app/b.test.ts': EMPTY,
  'src/git/circle.ts': use('./back.ts'),
}

/** Rules that let type-only imports through, or that are about what runs. */
const NEEDS_VALUE = /^(contract-imports-domain-types|production|no-)/

test('every rule fails on an import that breaks it, type-only imports included', async () => {
  const planted = FORBIDDEN.map(([rule, file, target]) => [file, NEEDS_VALUE.test(rule) ? use(target) : useType(target)])
  await using project = await plantProject({ ...SUPPORT, ...(Object.fromEntries(planted) as Record<string, string>) }, PACKAGES)

  const { code, output } = await project.run(BOUNDARIES)

  expect(code).toBe(1)
  const found = output.split('\n').map((line) => line.split(' → ')[0])
  expect(found).toEqual(expect.arrayContaining(FORBIDDEN.map(([rule, file]) => `${rule}: ${file}`)))
})

test('every rule of the configuration has its plant', () => {
  const configuration = createRequire(import.meta.url)(join(repositoryRoot, '.dependency-cruiser.cjs')) as {
    forbidden: { name: string }[]
  }

  const rules = new Set(configuration.forbidden.map((rule) => rule.name))

  expect(new Set(FORBIDDEN.map(([rule]) => rule))).toEqual(rules)
})

test('lets through the imports of the table, and whatever a test imports', async () => {
  await using project = await plantProject(
    {
      ...SUPPORT,
      'src/git/back.ts': EMPTY,
      'src/contract/a.ts': useType('../domain/b.ts'),
      'src/app/a.ts': use('../hosts/types.ts'),
      'src/hosts/gitlab/a.ts': use('./b.ts'),
      'src/hosts/registry.ts': use('./gitlab/index.ts'),
      'src/hosts/gitlab/index.ts': use('../types.ts'),
      'src/http/a.ts': use('../db/views/issues.ts'),
      'src/db/views/issues.ts': use('kysely'),
      'src/cli/demo.ts': use('../sandbox/b.ts'),
      'src/domain/a.test.ts': use('../sandbox/b.ts'),
      'web/app/a.ts': use('../../src/contract/a.ts'),
    },
    ['kysely'],
  )

  expect(await project.run(BOUNDARIES)).toMatchObject({ code: 0 })
})

test('fails when imports are not read, as with a parser that does not know TypeScript', async () => {
  const blind = `const { forbidden, options } = require(${JSON.stringify(join(repositoryRoot, '.dependency-cruiser.cjs'))})
module.exports = { forbidden, options: { ...options, exclude: { path: '^src/app/a' } } }`
  await using project = await plantProject({
    'src/app/a.ts': use('./b.ts'),
    'src/app/b.ts': EMPTY,
    '.dependency-cruiser.cjs': blind,
  })

  const { code, output } = await project.run(BOUNDARIES)

  expect(code).toBe(1)
  expect(output).toContain('modules-not-read: src/app/a.ts')
})

test('the parser that dependency-cruiser can use is pinned', async () => {
  const { devDependencies } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }

  expect(devDependencies.typescript).toMatch(/^6\.\d+\.\d+$/)
})
