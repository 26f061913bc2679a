/** docs/*.md, each a chunk of its own. */
const LOADERS = import.meta.glob<string>('../../../docs/*.md', { query: '?raw', import: 'default' })

/** In the order in which somebody reads them; what is not named here comes behind, by name. */
const ORDER = [
  'first-steps',
  'gitlab',
  'jira',
  'jira-app',
  'panel',
  'smart-commits',
  'workflow-triggers',
  'refresh',
  'webhooks',
  'permissions',
  'moving',
  'compatibility',
  'proxy',
  'upgrade',
]

const TITLES: Readonly<Record<string, string>> = {
  'first-steps': 'First steps',
  gitlab: 'GitLab',
  jira: 'Jira',
  'jira-app': 'The Jira app',
  panel: 'Development panel',
  'smart-commits': 'Smart commits',
  'workflow-triggers': 'Workflow triggers',
  refresh: 'Refresh data',
  webhooks: 'Webhooks and their security',
  permissions: 'Permissions',
  moving: 'Moving from Jira’s built-in connector',
  compatibility: 'Addresses for scripts that exist',
  proxy: 'Behind a proxy',
  upgrade: 'Backup and upgrade',
  credentials: 'Credentials',
  configuration: 'Configuration',
  audit: 'What happened, and why',
  metrics: 'Metrics',
  'error-codes': 'Troubleshooting by message',
  performance: 'Performance',
  verification: 'What only a real installation can prove',
}

export interface DocumentEntry {
  readonly name: string
  readonly title: string
}

export function listDocuments(): readonly DocumentEntry[] {
  return Object.keys(LOADERS)
    .map(toName)
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((name) => ({ name, title: TITLES[name] ?? name }))
}

/** The markdown of one document. */
export function loadDocument(name: string): Promise<string> {
  const path = Object.keys(LOADERS).find((each) => toName(each) === name)
  const load = path === undefined ? undefined : LOADERS[path]
  if (load === undefined) return Promise.reject(new Error(`There is no document "${name}".`))
  return load()
}

function toName(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.md$/, '')
}

function rank(name: string): number {
  const index = ORDER.indexOf(name)
  return index === -1 ? ORDER.length : index
}
