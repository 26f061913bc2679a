import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { insertRows, insertRowsForIds } from './insert-rows.ts'
import { createTestPlace, KINDS, type TestPlace } from './test-database.ts'

const PROJECTS = { table: 'projects', columns: { key: 'text', jira_id: 'text', name: 'text', former: 'bigint' } } as const
const SYNCS = {
  table: 'syncs',
  columns: { repository_id: 'bigint', trigger: 'text', mode: 'text', started_at: 'bigint', outcome: 'text' },
} as const

const KEYS = {
  table: 'commit_keys',
  columns: { commit_id: 'bigint', issue_key: 'text', authored_at: 'bigint' },
  onConflict: '',
} as const

describe.each(KINDS)('many rows on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  afterEach(() => place.remove())

  const namesOf = async () =>
    (await db.read.selectFrom('projects').select('name').orderBy('key').execute()).map(({ name }) => name)

  test('they are stored as they are, quotes and other alphabets included', async () => {
    const values = ['A', '1', `it's "so" \\ ?1 $1`, 0, 'B', '2', 'Привет 🚀', 1]

    await db.write('background', (tx) => insertRows(tx, { ...PROJECTS, values, onConflict: '' }))

    expect(await namesOf()).toEqual([`it's "so" \\ ?1 $1`, 'Привет 🚀'])
  })

  test('none is no statement', async () => {
    const ids = await db.write('background', (tx) =>
      insertRowsForIds(tx, {
        ...SYNCS,
        values: [],
        key: 'trigger',
        onConflict: '',
        children: { ...KEYS, values: [], counts: [] },
      }),
    )

    expect(ids).toEqual([])
  })

  test('those that are there stay as they were', async () => {
    const insert = { ...PROJECTS, onConflict: 'on conflict (key) do nothing' }
    await db.write('background', (tx) => insertRows(tx, { ...insert, values: ['A', '1', 'first', 0] }))

    await db.write('background', (tx) => insertRows(tx, { ...insert, values: ['A', '1', 'second', 0, 'B', '2', 'new', 0] }))

    expect(await namesOf()).toEqual(['first', 'new'])
  })

  test('generated ids come in the order of the rows, null for one that was there, and rows that belong only to new ones', async () => {
    await db.write('background', (tx) => sql`create unique index one_trigger on syncs (trigger)`.execute(tx))
    const insert = { ...SYNCS, key: 'trigger', onConflict: 'on conflict (trigger) do nothing' }
    const row = (trigger: string) => [1, trigger, 'soft', 5, 'done']
    await db.write('background', (tx) => insertRowsForIds(tx, { ...insert, values: row('old') }))

    const children = { ...KEYS, values: ['Z-1', 'Z-2', 'OLD-1', 'A-1'].flatMap((key) => [key, 7]), counts: [2, 1, 1] }
    const ids = await db.write('background', (tx) =>
      insertRowsForIds(tx, { ...insert, values: ['z', 'old', 'a'].flatMap(row), children }),
    )

    const stored = await db.read.selectFrom('syncs').select(['id', 'trigger']).execute()
    const idOf = (trigger: string) => stored.find((entry) => entry.trigger === trigger)?.id
    expect(ids).toEqual([idOf('z'), null, idOf('a')])
    const keys = await db.read.selectFrom('commit_keys').select(['issue_key', 'commit_id']).orderBy('issue_key').execute()
    expect(keys).toEqual([
      { issue_key: 'A-1', commit_id: idOf('a') },
      { issue_key: 'Z-1', commit_id: idOf('z') },
      { issue_key: 'Z-2', commit_id: idOf('z') },
    ])
  })

  test.each([
    { parents: 700, each: 1 },
    { parents: 700, each: 0.5 },
    { parents: 3, each: 900 },
    { parents: 1, each: 0 },
  ])('so do those of $parents rows with $each others for each', async ({ parents, each }) => {
    const triggers = Array.from({ length: parents }, (_, index) => `t${index}`)
    const counts = triggers.map((_, index) => (each < 1 && each > 0 ? index % 2 : each))
    const keys = triggers.flatMap((trigger, index) => Array.from({ length: counts[index] ?? 0 }, (_, n) => `${trigger}-${n}`))
    const values = triggers.flatMap((trigger) => [1, trigger, 'soft', 5, 'done'])
    const children = { ...KEYS, values: keys.flatMap((key) => [key, 7]), counts }

    const insert = { ...SYNCS, key: 'trigger', onConflict: '', values, children }
    const ids = await db.write('background', (tx) => insertRowsForIds(tx, insert))

    const stored = await db.read.selectFrom('syncs').select(['id', 'trigger']).orderBy('id').execute()
    expect(stored).toEqual(triggers.map((trigger, index) => ({ id: ids[index], trigger })))
    const kept = await db.read.selectFrom('commit_keys').select(['commit_id', 'issue_key']).execute()
    expect(kept.map(({ issue_key: key }) => key).sort()).toEqual(keys.sort())
    for (const { commit_id: id, issue_key: key } of kept) expect(key.split('-')[0]).toBe(triggers[ids.indexOf(id)])
  })

  test('one row that is refused refuses all', async () => {
    const values = ['A', '1', 'fine', 0, 'A', '2', 'the same key', 0]

    const writing = db.write('background', (tx) => insertRows(tx, { ...PROJECTS, values, onConflict: '' }))

    await expect(writing).rejects.toThrow(/UNIQUE|unique/)
    expect(await namesOf()).toEqual([])
  })
})
