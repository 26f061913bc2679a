import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountId, hostId, sha, type IssueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { saveAccount } from '../stores/accounts.ts'
import { replaceBranches } from '../stores/branches.ts'
import { prepareCommits, saveCommits } from '../stores/commits.ts'
import { findRepositoryByHostId, listRepositories, saveListedRepository } from '../stores/repositories.ts'
import { KINDS, createTestPlace, type TestPlace } from '../test-database.ts'
import { readDevelopmentPage, type DevelopmentPages, type DevelopmentPosition } from './development.ts'
import { branchPosition } from './development-branches.ts'
import { commitPosition } from './development-commits.ts'
import { findKeyOfJiraIssue, mayBeProject } from './issues.ts'
import { findOpenSourceBranches } from './open-source-branches.ts'
import { readForkOrigins } from './repositories.ts'
import { isSchemaCurrent, pingDatabase } from './schema-state.ts'

const ACME = accountId('acme')
const KEY = 'SHOP-7' as IssueKey
const testSha = (number: number) => sha(String(number).padStart(40, '0'))

describe.each(KINDS)('views on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let shop: RepositoryId

  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    await db.write('interactive', (tx) => saveAccount(tx, { ...SETTINGS, id: ACME }, {}, 0))
    shop = await add('501', 'acme/my_shop')
  })
  afterEach(() => place.remove())

  async function add(id: string, path: string, forkOf: string | null = null): Promise<RepositoryId> {
    const listed = {
      ...LISTED,
      hostId: hostId(id),
      path,
      webUrl: `https://gitlab.example.com/${path}`,
      forkOf: forkOf === null ? null : hostId(forkOf),
    }
    await db.write('interactive', (tx) => saveListedRepository(tx, listed, { accountId: ACME, linked: true, smartCommits: true }))
    const stored = await findRepositoryByHostId(db.read, ACME, hostId(id))
    if (stored === null) throw new Error('not stored')
    return stored.id
  }

  async function readAll<Kind extends keyof DevelopmentPages>(
    of: Kind,
    position: (row: DevelopmentPages[Kind]) => DevelopmentPosition,
  ) {
    const all: DevelopmentPages[Kind][] = []
    let after: DevelopmentPosition | null = null
    for (;;) {
      const page: DevelopmentPages[Kind][] = await readDevelopmentPage(db.read, of, { keys: [KEY], after, limit: 2 })
      all.push(...page)
      const last = page.at(-1)
      if (last === undefined) return all
      after = position(last)
    }
  }

  test('pages lose and repeat nothing where times are equal', async () => {
    const commits = [1, 2, 3, 4, 5].map((number) => ({
      sha: testSha(number),
      message: 'SHOP-7',
      author: { name: 'Mia', email: null },
      authoredAt: new Date(number < 3 ? 1_000 : 2_000),
      committedAt: new Date(0),
      merge: false,
      keys: [KEY],
    }))
    const branches = ['b', 'a', 'c'].map((name) => ({ name, head: testSha(1), headAt: 5_000, keys: [KEY] }))
    await db.write('interactive', async (tx) => {
      await saveCommits(tx, prepareCommits({ repositoryId: shop, generation: 1, commits, rekey: false }), 0)
      await replaceBranches(tx, shop, { branches, dueAt: 0 })
    })

    const ofCommits = await readAll('commits', commitPosition)
    const ofBranches = await readAll('branches', branchPosition)

    expect(ofCommits.map((row) => row.sha).toSorted()).toEqual([1, 2, 3, 4, 5].map(testSha))
    expect(ofCommits.map((row) => row.authoredAt)).toEqual([2_000, 2_000, 2_000, 1_000, 1_000])
    expect(ofBranches.map((row) => row.name)).toEqual(['c', 'b', 'a'])
    expect((await findOpenSourceBranches(db.read, ofBranches)).size).toBe(0)
  })

  test('forks with and without an origin that is known', async () => {
    const fork = await add('502', 'mia/shop', '501')
    const orphan = await add('503', 'mia/other', '999')

    expect(await readForkOrigins(db.read)).toEqual(
      new Map([
        [fork, { name: 'acme/my_shop', url: 'https://gitlab.example.com/acme/my_shop' }],
        [orphan, null],
      ]),
    )
  })

  test.each([
    ['MY_SHOP', 1],
    ['my%shop', 0],
    ['_', 1],
    ['\\', 0],
  ])('a search for %j takes every character for itself', async (text, count) => {
    await add('502', 'acme/myXshop')

    expect(await listRepositories(db.read, { text, limit: 10 })).toHaveLength(count)
  })

  test('the state of schema, projects and issues', async () => {
    await pingDatabase(db.read)

    expect(await isSchemaCurrent(db.read)).toBe(true)
    expect(await mayBeProject(db.read, 'SHOP')).toBe(true)
    expect(await findKeyOfJiraIssue(db.read, '10007')).toBeNull()
  })
})

const SETTINGS = {
  name: 'Acme',
  host: 'gitlab',
  url: 'https://gitlab.example.com',
  gitUrl: null,
  owner: null,
  managedBy: 'file',
  webhooks: 'off',
  autoLink: true,
  smartCommits: true,
  smartCommitTrust: 'author',
  smartCommitReplies: false,
  include: ['**'],
  exclude: [],
  jiraProjects: [],
} as const

const LISTED = {
  defaultBranch: 'main',
  lastActivityAt: null,
  archived: false,
  empty: false,
  gitEnabled: true,
  pullRequestsEnabled: true,
} as const
