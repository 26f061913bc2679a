import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../db/database.ts'
import { deleteAccount, saveAccount, setSealedSecrets } from '../../db/stores/accounts.ts'
import { createTestPlace, KINDS, type TestPlace } from '../../db/test-database.ts'
import { accountSettings } from '../../db/test-rows.ts'
import { accountId, hostId } from '../../domain/ids.ts'
import { createHostRegistry } from '../../hosts/registry.ts'
import { createHttpClient } from '../../lib/http-client/create-http-client.ts'
import { silentLogger as log } from '../../lib/logger.ts'
import { createSecretBox } from '../../lib/secret-box.ts'
import { createTestClock } from '../test-clock.ts'
import type { Connections } from './connections.ts'
import { createConnections } from './create-connections.ts'
import { secretContext } from './secret-context.ts'

const acme = accountId('acme')
const signal = AbortSignal.timeout(60_000)
const secretBox = createSecretBox(Buffer.alloc(32, 1))
const seal = (token: string) => secretBox.seal(token, secretContext(acme, 'token'))

describe.each(KINDS)('connections of two nodes on %s', (kind) => {
  let place: TestPlace
  let db: Database
  let connections: Connections
  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
    await db.write('interactive', (tx) =>
      saveAccount(tx, accountSettings('acme', { managedBy: 'browser' }), { token: seal('first') }, 0),
    )
    const clock = createTestClock()
    const http = createHttpClient({ allowPrivateAddresses: true, userAgent: 'test', clock, log })
    connections = createConnections({
      db,
      secretBox,
      declared: new Map(),
      hosts: createHostRegistry({ http, clock, log }),
      clock,
      log,
    })
  })
  afterEach(() => place.remove())

  /** The token and the address that a connection uses, as Git is given them. */
  const remote = async () => {
    const connection = await connections.get(acme)
    const shop = { hostId: hostId('1'), path: 'acme/shop', webUrl: '' }
    const { url, authorization } = await connection.withGitRemote(shop, (found) => Promise.resolve(found), signal)
    const token = Buffer.from(authorization?.replace('Basic ', '') ?? '', 'base64')
      .toString()
      .split(':')
      .at(-1)
    return `${token} ${url}`
  }

  test('a connection is kept while nothing changes', async () => {
    expect(await connections.get(acme)).toBe(await connections.get(acme))
  })

  test('a token that another node stored is used at once', async () => {
    const before = await remote()

    await db.write('interactive', (tx) => setSealedSecrets(tx, acme, { token: seal('second') }))

    expect([before, await remote()]).toEqual([
      'first https://gitlab.example.com/acme/shop.git',
      'second https://gitlab.example.com/acme/shop.git',
    ])
  })

  test('so is an address', async () => {
    await remote()

    const moved = accountSettings('acme', { managedBy: 'browser', gitUrl: 'https://git.example.com' })
    await db.write('interactive', (tx) => saveAccount(tx, moved, {}, 0))

    expect(await remote()).toBe('first https://git.example.com/acme/shop.git')
  })

  test('an account that another node deleted is gone', async () => {
    await connections.get(acme)

    await db.write('interactive', (tx) => deleteAccount(tx, acme))

    await expect(connections.get(acme)).rejects.toMatchObject({ code: 'account-not-found' })
  })
})
