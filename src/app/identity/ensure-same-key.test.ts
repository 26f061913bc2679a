import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../db/database.ts'
import { saveAccount } from '../../db/stores/accounts.ts'
import { createTestPlace, KINDS, type TestPlace } from '../../db/test-database.ts'
import { accountSettings } from '../../db/test-rows.ts'
import { accountId } from '../../domain/ids.ts'
import { createSecretBox } from '../../lib/secret-box.ts'
import { secretContext } from '../accounts/secret-context.ts'
import { ensureSameKey } from './ensure-same-key.ts'

const ours = createSecretBox(Buffer.alloc(32, 1))
const another = createSecretBox(Buffer.alloc(32, 2))

describe.each(KINDS)('the secret key on %s', (kind) => {
  let place: TestPlace
  let db: Database
  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  afterEach(() => place.remove())

  test('the first one met is remembered; another is refused with what to do', async () => {
    await ensureSameKey(db, ours)
    await ensureSameKey(db, ours)

    const refused = ensureSameKey(db, another)

    await expect(refused).rejects.toMatchObject({ code: 'secret-key-wrong', retryable: false })
    await expect(refused).rejects.toThrow(/Nothing was changed/)
  })

  test('secrets that are older than the check count as well', async () => {
    const token = ours.seal('older', secretContext(accountId('acme'), 'token'))
    await db.write('interactive', (tx) => saveAccount(tx, accountSettings('acme', { managedBy: 'browser' }), { token }, 0))

    await expect(ensureSameKey(db, another)).rejects.toMatchObject({ code: 'secret-key-wrong' })

    await ensureSameKey(db, ours)
  })

  test('of two nodes that start at once with different keys one is refused', async () => {
    const results = await Promise.allSettled([ensureSameKey(db, ours), ensureSameKey(db, another)])

    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})
