import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { findSetting, saveSetting } from './settings.ts'
import { listKeysOfProject, listProjectKeys, replaceProjects, type JiraProject } from './projects.ts'

const project = (id: number, key: string, formerKeys: string[] = []): JiraProject => ({
  id: String(id),
  key,
  formerKeys,
  name: `Project ${key}`,
})

describe.each(KINDS)('projects and settings on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() => db.write('interactive', (tx) => tx.deleteFrom('projects').execute()))
  afterAll(() => place.remove())

  const replace = (...projects: JiraProject[]) => db.write('interactive', (tx) => replaceProjects(tx, projects))
  const listed = async () => (await listProjectKeys(db.read)).toSorted()

  test('former keys count, and what is new is told', async () => {
    expect((await replace(project(1, 'SHOP', ['STORE', 'SHOP']), project(2, 'PAY'))).toSorted()).toEqual(['PAY', 'SHOP', 'STORE'])

    expect(await listed()).toEqual(['PAY', 'SHOP', 'STORE'])
    expect(await replace(project(1, 'SHOP', ['STORE']), project(2, 'PAY'), project(3, 'NEW'))).toEqual(['NEW'])
  })

  test('the keys of one project are told, former ones too', async () => {
    await replace(project(1, 'SHOP', ['STORE']), project(2, 'PAY'))

    expect(await listKeysOfProject(db.read, '1')).toEqual(['SHOP', 'STORE'])
    expect(await listKeysOfProject(db.read, '3')).toEqual([])
  })

  test('a project that is gone is no project any more', async () => {
    await replace(project(1, 'SHOP'), project(2, 'PAY'))

    expect(await replace(project(1, 'SHOP'))).toEqual([])
    expect(await listed()).toEqual(['SHOP'])
  })

  test('a former key that another project uses today belongs to that project', async () => {
    await replace(project(1, 'SHOP', ['PAY']), project(2, 'PAY'), project(3, 'OPS', ['PAY']))

    const rows = await db.read.selectFrom('projects').select(['jira_id', 'former']).where('key', '=', 'PAY').execute()
    expect(rows).toEqual([{ jira_id: '2', former: 0 }])
    expect(await listKeysOfProject(db.read, '1')).toEqual(['SHOP'])
  })

  test('thousands of projects are replaced at once', async () => {
    await replace(...Array.from({ length: 3_000 }, (_, index) => project(index, `P${index}`, [`OLD${index}`])))

    expect(await listed()).toHaveLength(6_000)
  })

  test('a setting is absent, then what was saved last', async () => {
    expect(await findSetting(db.read, 'jira.identity')).toBeNull()

    await db.write('interactive', (tx) => saveSetting(tx, 'jira.identity', 'one'))
    await db.write('interactive', (tx) => saveSetting(tx, 'jira.identity', 'two'))

    expect(await findSetting(db.read, 'jira.identity')).toBe('two')
  })
})
