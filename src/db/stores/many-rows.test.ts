import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import { MAX_KEY_LENGTH } from '../../domain/issue-keys.ts'
import { MAX_REF_NAME_BYTES } from '../../domain/ref-name.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, pullRequest, shaOf } from '../test-rows.ts'
import { replaceBranches } from './branches.ts'
import { listProjectKeys, replaceProjects } from './projects.ts'
import { EVERY_GENERATION, savePullRequests, sweepPullRequests } from './pull-requests.ts'

/** Lists exceed the parameters of one statement: SQLite 32,766, PostgreSQL 65,535. */
describe.each(KINDS)('the most that is stored at once, on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let repositoryId: RepositoryId

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    repositoryId = await db.write('background', (tx) => addRepository(tx, accountId('acme'), 1))
  })
  afterAll(() => place.remove())

  test('the keys of a pull request', async () => {
    const keys = Array.from({ length: 33_000 }, (_, index) => issueKey(`SHOP-${index + 1}`))

    await db.write('background', (tx) =>
      savePullRequests(tx, { repositoryId, generation: 1, pullRequests: [pullRequest(1, keys)], dueAt: at(100) }),
    )

    const rows = await db.read.selectFrom('pull_request_keys').select('issue_key').execute()
    expect(rows).toHaveLength(keys.length)
    await db.write('background', (tx) =>
      sweepPullRequests(tx, repositoryId, { generation: EVERY_GENERATION, limit: 1, dueAt: at(100) }),
    )
    expect(await db.read.selectFrom('pull_request_keys').select('issue_key').execute()).toEqual([])
  })

  test('the projects of a Jira', async () => {
    const projects = Array.from({ length: 17_000 }, (_, index) => ({
      id: `${index}`,
      key: `P${index}`,
      formerKeys: [],
      name: `Project ${index}`,
    }))

    const added = await db.write('background', (tx) => replaceProjects(tx, projects))

    expect(added).toHaveLength(projects.length)
    expect(await listProjectKeys(db.read)).toHaveLength(projects.length)
    expect(await db.write('background', (tx) => replaceProjects(tx, projects))).toEqual([])
  })

  test('the longest branch name with the longest key', async () => {
    // Random, because PostgreSQL compresses.
    const random = (length: number) => randomBytes(length).toString('hex').slice(0, length)
    const key = issueKey(`P${random(MAX_KEY_LENGTH - 3).toUpperCase()}-1`)
    const branches = [{ name: random(MAX_REF_NAME_BYTES - 'refs/heads/'.length), head: shaOf(1), headAt: at(1), keys: [key] }]

    await db.write('background', (tx) => replaceBranches(tx, repositoryId, { branches, dueAt: at(100) }))

    expect(await db.read.selectFrom('branch_keys').select('issue_key').execute()).toEqual([{ issue_key: key }])
  })

  test('a sweep of pull requests goes on in steps', async () => {
    const pullRequests = Array.from({ length: 5 }, (_, index) => pullRequest(index + 1, [`PAY-${index + 1}`]))
    await db.write('background', (tx) => savePullRequests(tx, { repositoryId, generation: 1, pullRequests, dueAt: at(100) }))
    const sweep = () =>
      db.write('background', (tx) => sweepPullRequests(tx, repositoryId, { generation: 2, limit: 2, dueAt: at(300) }))

    const deleted = [await sweep(), await sweep(), await sweep(), await sweep()]

    expect(deleted).toEqual([2, 2, 1, 0])
    expect(await db.read.selectFrom('pull_request_keys').select('issue_key').execute()).toEqual([])
  })
})
