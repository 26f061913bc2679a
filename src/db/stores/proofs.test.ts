import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { addRepository, at } from '../test-rows.ts'
import { countOpenDrift, readProofHours, readProofTotals } from '../views/drift.ts'
import { deleteAccount } from './accounts.ts'
import {
  confirmDrift,
  countProvable,
  foldProofs,
  listDueProofs,
  listSuspected,
  repairDrift,
  repairMissing,
  setProved,
  suspectDrift,
} from './proofs.ts'
import { markMissing } from './repositories.ts'
import { requestSync } from './sync-state.ts'

const ACME = accountId('acme')
const HOUR = 60
const NONE = { found: 0, repaired: 0 }

describe.each(KINDS)('proofs on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let ids: RepositoryId[]

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['proofs', 'repositories', 'accounts'] as const) await tx.deleteFrom(table).execute()
      ids = [await addRepository(tx, ACME, 1), await addRepository(tx, ACME, 2), await addRepository(tx, ACME, 3)]
      await tx
        .updateTable('repositories')
        .set({ sync_started_at: at(0), sync_finished_at: at(1) })
        .execute()
    }),
  )
  afterAll(() => place.remove())

  const write = <T>(work: Parameters<typeof db.write<T>>[1]) => db.write('background', work)
  const id = (index: number): RepositoryId => ids[index] ?? ('0' as RepositoryId)
  const due = (before: number, limit = 10) => listDueProofs(db.read, ACME, { before, limit })
  const prove = (index: number, now: number) => write((tx) => setProved(tx, id(index), { accountId: ACME, now, as: 'proved' }))

  test('those never proved come first, then those proved longest ago', async () => {
    await prove(1, at(20))
    await prove(0, at(30))

    expect(await due(at(60))).toEqual([id(2), id(1), id(0)])
    expect(await due(at(60), 1)).toEqual([id(2)])
    expect(await due(at(30))).toEqual([id(2), id(1)])
    expect(await countProvable(db.read, ACME, at(30))).toEqual({ all: 3, proved: 1 })
  })

  test('what is unlinked, missing or not imported takes no part; what is being synchronised waits', async () => {
    await write(async (tx) => {
      await markMissing(tx, id(0), at(5))
      await tx
        .updateTable('repositories')
        .set({ linked: 0 })
        .where('id', '=', Number(id(1)))
        .execute()
      await requestSync(tx, id(2), 'soft')
    })

    expect(await due(at(60))).toEqual([])
    expect(await countProvable(db.read, ACME, 0)).toEqual({ all: 1, proved: 0 })
  })

  test('drift is counted in the hour it was found, and in the hour it was repaired', async () => {
    await write((tx) => suspectDrift(tx, id(0), at(5)))
    expect(await due(at(60))).not.toContain(id(0))
    expect(await listSuspected(db.read, ACME, at(4))).toEqual([])
    expect(await listSuspected(db.read, ACME, at(5))).toEqual([{ id: id(0), explained: false }])

    const kinds = ['refs', 'pull-requests', 'builds', 'deployments'] as const
    expect(await write((tx) => confirmDrift(tx, id(0), { accountId: ACME, kinds, now: at(10) }))).toBe(true)
    expect(await countOpenDrift(db.read, ACME)).toBe(1)
    await write((tx) => repairDrift(tx, id(0), at(HOUR + 1)))
    await write((tx) => repairDrift(tx, id(0), at(HOUR + 2)))

    expect(await countOpenDrift(db.read, ACME)).toBe(0)
    const { items } = await readProofHours(db.read, ACME, { after: null, limit: 10 })
    const repaired = { found: 0, repaired: 1 }
    const found = { found: 1, repaired: 0 }
    expect(items).toEqual([
      {
        hour: new Date(at(HOUR)),
        proved: 0,
        failed: 0,
        drift: {
          refs: repaired,
          'pull-requests': repaired,
          builds: repaired,
          deployments: repaired,
          'missing-repository': NONE,
        },
      },
      {
        hour: new Date(at(0)),
        proved: 1,
        failed: 0,
        drift: { refs: found, 'pull-requests': found, builds: found, deployments: found, 'missing-repository': NONE },
      },
    ])
  })

  test('a synchronisation that is asked for, or ran since, explains a difference', async () => {
    await write(async (tx) => {
      await suspectDrift(tx, id(0), at(5))
      await requestSync(tx, id(0), 'soft')
      await suspectDrift(tx, id(1), at(5))
      await tx
        .updateTable('repositories')
        .set({ sync_started_at: at(6) })
        .where('id', '=', Number(id(1)))
        .execute()
    })

    expect(await listSuspected(db.read, ACME, at(10))).toEqual([
      { id: id(0), explained: true },
      { id: id(1), explained: true },
    ])
    const drift = { accountId: ACME, kinds: ['refs'] as const, now: at(10) }
    expect(await write((tx) => confirmDrift(tx, id(1), drift))).toBe(false)
    expect(await readProofTotals(db.read)).toEqual([])
  })

  test('a missing repository is repaired when a listing has marked it', async () => {
    await write((tx) => suspectDrift(tx, id(0), at(5)))
    await write((tx) => confirmDrift(tx, id(0), { accountId: ACME, kinds: ['missing-repository'], now: at(10) }))
    await write((tx) => repairMissing(tx, ACME, at(11)))
    expect(await countOpenDrift(db.read, ACME)).toBe(1)

    await write(async (tx) => {
      await markMissing(tx, id(0), at(12))
      await repairMissing(tx, ACME, at(12))
    })

    const [total] = await readProofTotals(db.read)
    expect(total?.drift['missing-repository']).toEqual({ found: 1, repaired: 1 })
  })

  test('old hours are folded into the totals, which never fall, and go with the account', async () => {
    for (const hour of [0, 1, 2, 3]) await prove(0, at(hour * HOUR))
    const before = await readProofTotals(db.read)
    expect(before).toMatchObject([{ accountId: ACME, proved: 4, failed: 0 }])

    expect(await write((tx) => foldProofs(tx, { before: at(2 * HOUR), limit: 1 }))).toBe(1)
    expect(await write((tx) => foldProofs(tx, { before: at(2 * HOUR), limit: 10 }))).toBe(1)
    expect(await write((tx) => foldProofs(tx, { before: at(2 * HOUR), limit: 10 }))).toBe(0)

    expect(await readProofTotals(db.read)).toEqual(before)
    const first = await readProofHours(db.read, ACME, { after: null, limit: 1 })
    expect(first.items.map(({ hour }) => hour)).toEqual([new Date(at(3 * HOUR))])
    const second = await readProofHours(db.read, ACME, { after: first.next, limit: 10 })
    expect(second).toMatchObject({ items: [{ hour: new Date(at(2 * HOUR)) }], next: null })

    await write((tx) => deleteAccount(tx, ACME))
    expect(await readProofTotals(db.read)).toEqual([])
  })
})
