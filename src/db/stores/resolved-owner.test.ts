import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Account, ResolvedOwner } from '../../domain/account.ts'
import { accountId, hostId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { MIGRATIONS } from '../migrate.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { accountSettings } from '../test-rows.ts'
import { findAccount, listAccounts, saveAccount, setResolvedOwner, type AccountSettings } from './accounts.ts'

const ACME = accountId('acme')
const GROUP: ResolvedOwner = { kind: 'group', hostId: hostId('101'), path: 'acme' }

describe.each(KINDS)('what the owner of an account is, on %s', (kind) => {
  let place: TestPlace
  let db: Database
  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(async () => {
    await db.write('interactive', (tx) => tx.deleteFrom('accounts').execute())
    await save()
  })
  afterAll(() => place.remove())

  const save = (more: Partial<AccountSettings> = {}) =>
    db.write('interactive', (tx) => saveAccount(tx, accountSettings('acme', more), {}, 0))
  const resolve = (owner: ResolvedOwner, account: Pick<Account, 'id' | 'url' | 'owner'> = accountSettings('acme')) =>
    db.write('background', (tx) => setResolvedOwner(tx, account, owner))
  const resolved = async () => (await findAccount(db.read, ACME))?.resolvedOwner

  test('is not known at first, then comes back as it was stored', async () => {
    expect(await resolved()).toBeNull()

    await resolve(GROUP)

    expect(await resolved()).toEqual(GROUP)
    expect((await listAccounts(db.read)).map(({ resolvedOwner }) => resolvedOwner)).toEqual([GROUP])
  })

  test('stays with every change but that of owner and address', async () => {
    await resolve(GROUP)

    await save({ name: 'Acme', gitUrl: 'https://git.example.com', include: ['acme/**'], webhooks: 'auto' })

    expect(await resolved()).toEqual(GROUP)
  })

  test.each<Partial<AccountSettings>>([{ owner: 'other' }, { owner: null }, { url: 'https://gitlab.example.org' }])(
    'is not known after %j, and may be stored anew',
    async (change) => {
      await resolve(GROUP)

      await save(change)
      expect(await resolved()).toBeNull()

      const other = { ...GROUP, hostId: hostId('202') }
      await resolve(other, accountSettings('acme', change))
      expect(await resolved()).toEqual(other)
    },
  )

  test('its path changes, its id does not', async () => {
    await resolve(GROUP)

    await resolve({ ...GROUP, path: 'acme-group' })
    await resolve({ kind: 'group', hostId: hostId('202'), path: 'acme' })

    expect(await resolved()).toEqual({ ...GROUP, path: 'acme-group' })
  })

  test.each<Partial<AccountSettings>>([{ owner: 'other' }, { owner: null }, { url: 'https://gitlab.example.org' }])(
    'found for what the account was before %j, it is not stored',
    async (change) => {
      await save(change)

      await resolve(GROUP)

      expect(await resolved()).toBeNull()
    },
  )

  test('is not believed after an older version changed the owner', async () => {
    await resolve(GROUP)

    await db.write('interactive', (tx) => tx.updateTable('accounts').set({ owner: 'other' }).execute())
    expect(await resolved()).toBeNull()

    await save({ owner: 'other' })
    expect(await resolved()).toBeNull()
  })
})

test.each(KINDS)('an account of before the upgrade keeps its settings and is looked up once more, on %s', async (kind) => {
  const place = await createTestPlace(kind)
  try {
    const before = place.open(MIGRATIONS.filter(({ name }) => name < '0016'))
    await before.migrate()
    await before.write('interactive', (tx) => saveAccount(tx, accountSettings('acme'), { token: 'sealed' }, 0))

    const db = place.open()
    await db.migrate()

    expect(await findAccount(db.read, ACME)).toMatchObject({ ...accountSettings('acme'), resolvedOwner: null })
    await db.write('interactive', (tx) => setResolvedOwner(tx, accountSettings('acme'), GROUP))
    expect((await findAccount(db.read, ACME))?.resolvedOwner).toEqual(GROUP)
  } finally {
    await place.remove()
  }
})
