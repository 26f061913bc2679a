import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../src/db/open-database.ts'
import { silentLogger } from '../src/lib/logger.ts'
import type { Bench } from './bench.ts'
import { atMost, median, percentile } from './figures.ts'
import { findFreePort, startServe } from './serve.ts'

const TOKEN = 'token-of-the-benchmark'
const REPOSITORIES = 50
const COMMITS_PER_ISSUE = 10
const LONGEST_HOT = 5_000
const PAGE = 100
const READINGS = 1_000
const ASKED_MS = 20
const NEWEST = Date.UTC(2026, 9, 1)

interface Sizes {
  readonly commits: number
  readonly issues: number
  /** Commits of the issue that everybody names. */
  readonly hot: number
}

/**
 * The panel of one issue on a large database, over HTTP, one request after the other. Ten times as many commits as
 * `--commits` says: a million by default.
 */
export async function benchPanel(bench: Bench): Promise<void> {
  const commits = bench.options.commits * 10
  const sizes = { commits, issues: Math.ceil(commits / COMMITS_PER_ISSUE), hot: Math.min(LONGEST_HOT, Math.ceil(commits / 20)) }
  const folder = join(bench.folder, 'panel')
  await mkdir(join(folder, 'data'), { recursive: true })
  const db = await openDatabase({ database: 'sqlite', dataDir: join(folder, 'data'), log: silentLogger })
  await db.close()
  fill(join(folder, 'data', 'connector.sqlite'), sizes)
  bench.report.note(`${sizes.commits} commits, ${sizes.issues} issues, one of them with ${sizes.hot} commits`)
  await measure(bench, { folder, sizes, hide: [], label: '' })
  await measure(bench, { folder, sizes, hide: ['merge-commits', '*[bot]'], label: ', with noise hidden' })
}

interface Round {
  readonly folder: string
  readonly sizes: Sizes
  readonly hide: readonly string[]
  readonly label: string
}

async function measure(bench: Bench, { folder, sizes, hide, label }: Round): Promise<void> {
  const port = await findFreePort()
  const file = join(folder, 'connector.yaml')
  await writeFile(file, toConfig(port, hide), { mode: 0o600 })
  const serving = await startServe(bench, { file, port })
  try {
    const read = (path: string) => timed(`${serving.url}/api/v1/issues/${path}`)
    await read('SHOP-1/development')
    const random: number[] = []
    for (let index = 0; index < READINGS; index += 1) {
      random.push((await read(`SHOP-${2 + ((index * 7_919) % (sizes.issues - 1))}/development`)).ms)
    }
    const hot: number[] = []
    for (let index = 0; index < READINGS / 10; index += 1) hot.push((await read('SHOP-1/development')).ms)
    const pages: number[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`
      const page = await read(`SHOP-1/development?kind=commits&limit=${PAGE}${query}`)
      pages.push(page.ms)
      cursor = page.next
    } while (cursor !== null)
    add(bench, `issues at random${label}`, random)
    add(bench, `the issue with ${sizes.hot} commits${label}`, hot)
    add(bench, `its ${pages.length} pages of ${PAGE} commits${label}`, pages)
  } finally {
    await serving.stop()
  }
}

function add(bench: Bench, name: string, values: readonly number[]): void {
  bench.report.add({ benchmark: 'panel', name: `${name}, median`, unit: 'ms', reached: median(values) })
  bench.report.add({
    benchmark: 'panel',
    name: `${name}, 99th percentile`,
    unit: 'ms',
    reached: percentile(values, 0.99),
    asked: atMost(ASKED_MS),
  })
}

async function timed(url: string): Promise<{ ms: number; next: string | null }> {
  const began = performance.now()
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })
  const text = await response.text()
  const ms = performance.now() - began
  if (response.status !== 200) throw new Error(`${url} was answered with ${response.status}: ${text.slice(0, 200)}`)
  return { ms, next: (JSON.parse(text) as { next?: string | null }).next ?? null }
}

function toConfig(port: number, hide: readonly string[]): string {
  return `server: { listen: "127.0.0.1:${port}", adminToken: ${TOKEN} }
dataDir: ./data
sync: { interval: 'off' }
panel: { hide: ${JSON.stringify(hide)}, filesPerHour: 0 }
accounts:
  - { id: acme, host: gitlab, url: "http://127.0.0.1:9", token: not-used, webhooks: 'off' }
`
}

/** By SQL alone: an import of a million commits is measured elsewhere. */
function fill(file: string, { commits, issues, hot }: Sizes): void {
  const database = new DatabaseSync(file)
  const numbers = (count: number) => `with recursive n(i) as (select 0 union all select i + 1 from n where i < ${count - 1})`
  // The first commits name the hot issue, the others one after the other of the rest.
  const issue = `'SHOP-' || case when i < ${hot} then 1 else 2 + (i * 31) % ${issues - 1} end`
  const time = `${NEWEST} - i * 60000`
  const statements = [
    `${numbers(REPOSITORIES)} insert into repositories (account_id, host_id, path, web_url, archived, empty, git_enabled,
      pull_requests_enabled, linked, smart_commits, sync_state, sync_mode, sync_started_at, sync_finished_at, history_complete,
      webhook_state) select 'acme', i + 1, 'acme/repository-' || i, 'https://gitlab.example.com/acme/repository-' || i, 0, 0, 1, 1,
      1, 1, 'idle', 'soft', ${NEWEST}, ${NEWEST}, 1, 'off' from n`,
    `${numbers(commits)} insert into commits (id, repository_id, sha, message, author_name, author_email, authored_at, merge)
      select i + 1, 1 + i % ${REPOSITORIES}, lower(hex(randomblob(20))), ${issue} || ' a change of some words ' || i,
      case when i % 7 = 0 then 'renovate[bot]' else 'Author ' || i % 300 end, 'author@example.com', ${time}, i % 11 = 0 from n`,
    `${numbers(commits)} insert into commit_keys (issue_key, commit_id, authored_at) select ${issue}, i + 1, ${time} from n`,
    `${numbers(issues)} insert into issues (issue_key, project_key, state, newest_at, jira_id, current_key)
      select 'SHOP-' || (i + 1), 'SHOP', 'clean', ${time}, i + 1, 'SHOP-' || (i + 1) from n`,
    `${numbers(issues)} insert into branches select 1 + i % ${REPOSITORIES}, 'SHOP-' || (i + 1) || '-topic',
      lower(hex(randomblob(20))), ${time} from n`,
    `${numbers(issues)} insert into branch_keys select 'SHOP-' || (i + 1), 1 + i % ${REPOSITORIES}, 'SHOP-' || (i + 1) || '-topic' from n`,
    `${numbers(issues)} insert into pull_requests (id, repository_id, number, title, status, draft, source_branch, target_branch,
      url, author_name, reviewers, created_at, updated_at) select i + 1, 1 + i % ${REPOSITORIES}, i + 1, 'SHOP-' || (i + 1) || ' topic',
      case i % 3 when 0 then 'OPEN' when 1 then 'MERGED' else 'DECLINED' end, 0, 'SHOP-' || (i + 1) || '-topic', 'main',
      'https://gitlab.example.com/x', 'Author ' || i % 300, '[]', ${time}, ${time} from n`,
    `${numbers(issues)} insert into pull_request_keys select 'SHOP-' || (i + 1), i + 1 from n`,
    `${numbers(issues)} insert into builds (id, repository_id, host_id, number, state, ref, sha, url, created_at, updated_at, generation)
      select i + 1, 1 + i % ${REPOSITORIES}, i + 1, i + 1, 'SUCCESSFUL', 'SHOP-' || (i + 1) || '-topic', lower(hex(randomblob(20))),
      'https://gitlab.example.com/x', ${time}, ${time}, 0 from n`,
    `${numbers(issues)} insert into build_keys select 'SHOP-' || (i + 1), i + 1 from n`,
  ]
  try {
    database.exec('begin')
    for (const statement of statements) database.exec(statement)
    database.exec('commit')
  } finally {
    database.close()
  }
}
