// The table "Folders" of ARCHITECTURE.md as rules. Tests may import what they like; `npm run boundaries` runs it and
// test/guards/boundaries.test.ts plants a forbidden import for every rule.

/** Tests, and what only tests use: `x.test.ts`, `test-x.ts`. */
const TEST = '(\\.test\\.tsx?|/test-[^/]+\\.ts)$'

/** What each folder may import besides itself. Folders that are absent here may import everything. */
const FOLDERS = {
  domain: ['lib'],
  lib: [],
  config: ['lib'],
  contract: ['domain'],
  db: ['domain', 'lib'],
  jobs: ['db', 'domain', 'lib'],
  git: ['domain', 'lib'],
  jira: ['domain', 'lib'],
  app: ['domain', 'lib', 'db', 'jobs', 'git', 'jira', 'hosts/types'],
  http: ['contract', 'app', 'db/views', 'domain', 'lib', 'config'],
  sandbox: ['lib'],
}

/** The only folders that may use a package; elsewhere it hides behind ours. */
const PACKAGES = {
  'better-sqlite3': ['db', 'jobs'],
  kysely: ['db', 'jobs'],
  pg: ['db', 'jobs'],
  'graphile-worker': ['jobs'],
  undici: ['lib'],
  pino: ['lib'],
  fastify: ['http', 'sandbox'],
  '@fastify/[^/]+': ['http', 'sandbox'],
  'fastify-type-provider-zod': ['http'],
  yaml: ['config'],
  commander: ['cli', 'main'],
  'cli-progress': ['cli'],
  'prom-client': ['app', 'cli'],
  oauth4webapi: ['hosts', 'jira'],
  standardwebhooks: ['sandbox'],
  fflate: ['jira', 'sandbox'],
}

const inFolders = (/** @type {string[]} */ folders) => `^src/(${folders.join('|')})(/|\\.ts$)`
const ruleName = (/** @type {string} */ text) =>
  text
    .replace('@', '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')

const folderRules = Object.entries(FOLDERS).map(([folder, allowed]) => ({
  name: `${folder}-imports-${allowed.length === 0 ? 'nothing' : `${ruleName(allowed.join('-'))}-only`}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: TEST },
  to: { path: '^(src|web|test|bench|e2e|tools)/', pathNot: inFolders([folder, ...allowed]) },
}))

const packageRules = Object.entries(PACKAGES).map(([name, folders]) => ({
  name: `${ruleName(name)}-in-${folders.join('-')}-only`,
  severity: 'error',
  from: { path: '^src/', pathNot: [TEST, inFolders(folders)] },
  to: { path: `^node_modules/${name}/` },
}))

module.exports = {
  forbidden: [
    ...folderRules,
    ...packageRules,
    {
      name: 'host-imports-own-folder-types-domain-lib-only',
      severity: 'error',
      from: { path: '^src/hosts/([^/]+)/', pathNot: TEST },
      to: {
        path: '^(src|web|test|bench|e2e|tools)/',
        pathNot: ['^src/hosts/$1/', '^src/hosts/types\\.ts$', inFolders(['domain', 'lib'])],
      },
    },
    {
      name: 'hosts-port-imports-hosts-domain-lib-only',
      severity: 'error',
      from: { path: '^src/hosts/[^/]+$', pathNot: TEST },
      to: {
        path: '^(src|web|test|bench|e2e|tools)/',
        pathNot: ['^src/hosts/[^/]+\\.ts$', '^src/hosts/[^/]+/index\\.ts$', inFolders(['domain', 'lib'])],
      },
    },
    {
      name: 'contract-imports-domain-types-only',
      severity: 'error',
      from: { path: '^src/contract/', pathNot: TEST },
      to: { path: '^src/domain/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sandbox-imported-by-demo-only',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/sandbox/', '^src/cli/demo'] },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'domain-reaches-no-world',
      severity: 'error',
      from: { path: '^src/(domain|contract)/', pathNot: TEST },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|fs/promises|net|tls|dns|http|https|http2|child_process|worker_threads|os|process)$',
      },
    },
    {
      name: 'child-process-in-git-cli-sandbox-only',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, inFolders(['git', 'cli', 'sandbox'])] },
      to: { dependencyTypes: ['core'], path: '^(node:)?child_process$' },
    },
    {
      name: 'web-imports-web-and-contract-only',
      severity: 'error',
      from: { path: '^web/', pathNot: TEST },
      to: { path: '^(src|test|bench|e2e|tools)/', pathNot: '^src/contract/' },
    },
    {
      name: 'web-ui-imports-ui-and-contract-only',
      severity: 'error',
      from: { path: '^web/ui/', pathNot: TEST },
      to: { path: '^web/', pathNot: '^web/ui/' },
    },
    {
      name: 'web-feature-imports-own-folder-ui-and-contract-only',
      severity: 'error',
      from: { path: '^web/features/([^/]+)/', pathNot: TEST },
      to: { path: '^web/', pathNot: ['^web/features/$1/', '^web/ui/'] },
    },
    {
      name: 'production-imports-no-tests',
      severity: 'error',
      from: { path: '^(src|web)/', pathNot: TEST },
      to: { path: ['^(test|bench|e2e)/', TEST] },
    },
    {
      name: 'production-imports-no-dev-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^virtual:' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/|^(src|web)/.*/fixtures/' }, // Never a package's dist: its imports would vanish.
    parser: 'tsc',
    tsPreCompilationDeps: true, // Type-only imports count as well.
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
