import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountId } from '../../domain/ids.ts'
import type { Database } from '../database.ts'
import { saveAccount } from '../stores/accounts.ts'
import { saveListedRepository } from '../stores/repositories.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { accountSettings, listedRepository } from '../test-rows.ts'
import { listHostAddresses } from './host-addresses.ts'

describe.each(KINDS)('addresses of hosts on %s', (kind) => {
  let place: TestPlace
  let db: Database
  beforeEach(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  afterEach(() => place.remove())

  /** Repositories by what the host tells of them; those that begin with "!" are not linked. */
  async function add(account: string, url: string, told: readonly string[] = []): Promise<void> {
    await db.write('interactive', async (tx) => {
      await saveAccount(tx, accountSettings(account, { url }), {}, 0)
      for (const [index, address] of told.entries()) {
        const path = `acme/repository-${index}`
        const listed = listedRepository(index, { path, webUrl: `${address.replace('!', '')}/${path}` })
        const defaults = { accountId: accountId(account), linked: !address.startsWith('!'), smartCommits: true }
        await saveListedRepository(tx, listed, defaults)
      }
    })
  }

  const list = async () => [...new Set(await listHostAddresses(db.read))].toSorted()

  test('without accounts there are none', async () => {
    expect(await list()).toEqual([])
  })

  test('each account adds its own address, before it has repositories', async () => {
    await add('one', 'https://gitlab.example.com')
    await add('two', 'https://git.example.com/gitlab')

    expect(await list()).toEqual(['https://git.example.com/gitlab', 'https://gitlab.example.com'])
  })

  test('where the connector asks at an inner address, the one that the repositories tell counts as well', async () => {
    await add('one', 'http://gitlab.internal:8080', ['https://example.com/gitlab', 'https://example.com/gitlab'])

    expect(await list()).toEqual(['http://gitlab.internal:8080', 'https://example.com/gitlab'])
  })

  test('of many that a host tells, the one of most linked repositories counts', async () => {
    const odd = Array.from({ length: 20 }, (_, index) => `https://host-${index}.example`)
    const unlinked = odd.map(() => '!https://unlinked.example')
    await add('one', 'https://gitlab.example.com', [...odd, ...unlinked, 'https://outer.example', 'https://outer.example'])

    expect(await list()).toEqual(['https://gitlab.example.com', 'https://outer.example'])
  })

  test('an address that does not end with the path of its repository tells nothing', async () => {
    await add('one', 'https://gitlab.example.com')
    await db.write('interactive', (tx) =>
      saveListedRepository(tx, listedRepository(1, { webUrl: 'https://evil.example/elsewhere' }), {
        accountId: accountId('one'),
        linked: true,
        smartCommits: true,
      }),
    )

    expect(await list()).toEqual(['https://gitlab.example.com'])
  })
})
