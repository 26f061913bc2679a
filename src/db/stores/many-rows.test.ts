import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountId, issueKey, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at, pullRequest } from '../test-rows.ts'
import { listProjectKeys, replaceProjects } from './projects.ts'
import { EVERY_GENERATION, savePullRequests, sweepPullRequests } from './pull-requests.ts'

/** More than either database takes as parameters of one statement: SQLite 32,766, PostgreSQL 65,535. */
describe.each(KINDS)('more rows than parameters on %s', (kind) => {
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

    await db.write('background', (tx) => savePullRequests(tx, { repositoryId, generation: 1, pullRequests: [pullRequest(1, keys)], dueAt: at(100) }))

    const rows = await db.read.selectFrom('pull_request_keys').select('issue_key').execute()
    expect(rows).toHaveLength(keys.length)
    await db.write('background', (tx) => sweepPullRequests(tx, repositoryId, { generation: EVERY_GENERATION, limit: 1, dueAt: at(100) }))
    expect(await db.read.selectFrom('pull_request_keys').select('issue_key').execute()).toEqual([])
  })

  test('the projects of a Jira', async () => {
    const projects = Array.from({ length: 17_000 }, (_, index) => ({ id: `${index}`, key: `P${index}`, formerKeys: [], name: `Project ${index}` }))

    const added = await db.write('background', (tx) => replaceProjects(tx, projects))

    expect(added).toHaveLength(projects.length)
    expect(await listProjectKeys(db.read)).toHaveLength(projects.length)
    expect(await db.write('background', (tx) => replaceProjects(tx, projects))).toEqual([])
  })

  test('a sweep of pull requests goes on in steps', async () => {
    const pullRequests = Array.from({ length: 5 }, (_, index) => pullRequest(index + 1, [`PAY-${index + 1}`]))
    await db.write('background', (tx) => savePullRequests(tx, { repositoryId, generation: 1, pullRequests, dueAt: at(100) }))
    const sweep = () => db.write('background', (tx) => sweepPullRequests(tx, repositoryId, { generation: 2, limit: 2, dueAt: at(300) }))

    const deleted = [await sweep(), await sweep(), await sweep(), await sweep()]

    expect(deleted).toEqual([2, 2, 1, 0])
    expect(await db.read.selectFrom('pull_request_keys').select('issue_key').execute()).toEqual([])
  })
})
