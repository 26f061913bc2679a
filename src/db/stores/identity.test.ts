import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../database.ts'
import { createTestPlace, KINDS, type TestPlace } from '../test-database.ts'
import { at } from '../test-rows.ts'
import { readAdminLog, readApiTokens, readUsers } from '../views/identity.ts'
import { addAdminLogEntry, pruneAdminLog } from './admin-log.ts'
import { addApiToken, findApiToken, revokeApiToken, touchApiToken } from './api-tokens.ts'
import {
  addSession,
  deleteSession,
  deleteSessionsOf,
  findSession,
  listSessions,
  pruneSessions,
  touchSession,
} from './sessions.ts'
import { hasSetupCode, replaceSetupCode, takeSetupCode } from './setup-codes.ts'
import {
  addLocalUser,
  changeUser,
  countEnabledLocalUsers,
  deleteUser,
  findLocalUser,
  findUser,
  hasLocalUser,
  saveJiraUser,
} from './users.ts'

describe.each(KINDS)('identity on %s', (kind) => {
  let place: TestPlace
  let db: Database

  beforeAll(async () => {
    place = await createTestPlace(kind)
    db = place.open()
    await db.migrate()
  })
  beforeEach(() =>
    db.write('background', async (tx) => {
      for (const table of ['users', 'sessions', 'api_tokens', 'admin_log', 'setup_codes'] as const)
        await tx.deleteFrom(table).execute()
    }),
  )
  afterAll(() => place.remove())

  const write = <T>(work: (tx: Parameters<Parameters<Database['write']>[1]>[0]) => Promise<T>) => db.write('background', work)
  const addUser = (name: string) =>
    write((tx) => addLocalUser(tx, { name, displayName: `The ${name}`, passwordHash: `hash of ${name}`, now: at(0) }))
  const addSessionOf = (userId: string, idHash: string, more: { now?: number } = {}) =>
    write((tx) => {
      const now = more.now ?? at(0)
      return addSession(tx, { idHash, userId, role: 'administrator', now, expiresAt: now + 1_000_000, userAgent: 'a browser' })
    })

  test('a local user is found by name in any case, and a second one of the name is refused', async () => {
    expect(await hasLocalUser(db.read)).toBe(false)
    const ada = await addUser('Ada')

    expect(await addUser('ADA')).toBeNull()
    expect(await findLocalUser(db.read, 'aDa')).toEqual({ ...ada, passwordHash: 'hash of Ada' })
    expect(await findUser(db.read, ada?.id ?? '')).toEqual(ada)
    expect(await findUser(db.read, 'x')).toBeNull()
    expect(await hasLocalUser(db.read)).toBe(true)
  })

  test('people of Jira stand beside local users of the same name, and keep their row when they are renamed', async () => {
    await addUser('ada')
    const jira = { userKey: 'JIRAUSER1', name: 'ada', displayName: 'Ada J.', now: at(1) }
    const first = await write((tx) => saveJiraUser(tx, jira))

    const renamed = await write((tx) => saveJiraUser(tx, { ...jira, name: 'ada.j', now: at(2) }))

    expect(renamed).toEqual({ ...first, name: 'ada.j' })
    expect(renamed).toMatchObject({ source: 'jira', jiraUserKey: 'JIRAUSER1', createdAt: new Date(at(1)), disabled: false })
    expect(await findLocalUser(db.read, 'ada.j')).toBeNull()
    expect(await countEnabledLocalUsers(db.read)).toBe(1)
  })

  test('users are changed, listed by pages and deleted', async () => {
    const [ada, bo, cy] = [await addUser('ada'), await addUser('bo'), await addUser('cy')].map((user) => user?.id ?? '')

    await write((tx) => changeUser(tx, bo ?? '', { displayName: 'Bo', disabled: true, passwordHash: 'new' }))
    await write((tx) => changeUser(tx, ada ?? '', {}))
    await write((tx) => deleteUser(tx, cy ?? ''))

    expect(await findLocalUser(db.read, 'bo')).toMatchObject({ displayName: 'Bo', disabled: true, passwordHash: 'new' })
    expect(await countEnabledLocalUsers(db.read)).toBe(1)
    const page = await readUsers(db.read, { after: null, limit: 1 })
    expect(page.items.map(({ id }) => id)).toEqual([ada])
    expect((await readUsers(db.read, { after: page.next, limit: 1 })).items.map(({ id }) => id)).toEqual([bo])
    expect((await readUsers(db.read, { after: page.next, limit: 1 })).next).toBeNull()
  })

  test('a session tells whose it is, unless the user is disabled', async () => {
    const ada = (await addUser('ada'))?.id ?? ''
    await addSessionOf(ada, 'h1')

    expect(await findSession(db.read, 'h1')).toMatchObject({
      session: { role: 'administrator', createdAt: at(0), lastSeenAt: at(0), userAgent: 'a browser' },
      user: { id: ada, name: 'ada', createdAt: new Date(at(0)) },
    })
    expect(await findSession(db.read, 'h2')).toBeNull()

    await write((tx) => changeUser(tx, ada, { disabled: true }))
    expect(await findSession(db.read, 'h1')).toBeNull()
  })

  test('sessions are touched, listed, ended one by one or all but one, and pruned', async () => {
    const ada = (await addUser('ada'))?.id ?? ''
    const bo = (await addUser('bo'))?.id ?? ''
    for (const [user, hash] of [
      [ada, 'a1'],
      [ada, 'a2'],
      [ada, 'a3'],
      [bo, 'b1'],
    ] as const)
      await addSessionOf(user, hash)
    const list = async (userId: string) =>
      (await listSessions(db.read, userId, { now: at(1), seenAfter: at(0) - 1 })).map(({ id }) => id)
    const [a3 = '', a2 = '', a1 = ''] = await list(ada)

    await write((tx) => touchSession(tx, a1, at(1)))
    await write((tx) => deleteSession(tx, a2))
    expect(await list(ada)).toEqual([a3, a1])
    await write((tx) => deleteSessionsOf(tx, ada, a1))
    expect(await list(ada)).toEqual([a1])

    await write((tx) => pruneSessions(tx, { now: at(1), seenAfter: at(0) }))
    expect([await list(ada), await list(bo)]).toEqual([[a1], []])
    await write((tx) => deleteSessionsOf(tx, ada))
    expect(await findSession(db.read, 'a1')).toBeNull()
  })

  test('an API token is found by its hash, touched, listed and revoked once', async () => {
    const given = { name: 'ci', scope: 'read', prefix: 'jdvcs_abc', createdBy: 'ada', createdAt: at(0), expiresAt: null } as const
    const token = await write((tx) => addApiToken(tx, { ...given, valueHash: 'h1' }))

    expect(token).toEqual({ ...given, id: token.id, lastUsedAt: null, revoked: false })
    await write((tx) => touchApiToken(tx, token.id, at(5)))
    expect(await findApiToken(db.read, 'h1')).toEqual({ ...token, lastUsedAt: at(5) })
    expect(await write((tx) => revokeApiToken(tx, token.id))).toBe(true)
    expect(await write((tx) => revokeApiToken(tx, token.id))).toBe(false)
    expect(await write((tx) => revokeApiToken(tx, 'all'))).toBe(false)
    expect((await readApiTokens(db.read, { after: null, limit: 5 })).items).toEqual([
      { ...token, lastUsedAt: at(5), revoked: true },
    ])
  })

  test('the journal of administrators is read from its end, by pages, and pruned from its beginning', async () => {
    for (const minute of [1, 2, 3]) {
      await write((tx) =>
        addAdminLogEntry(tx, {
          at: at(minute),
          actor: { kind: 'user', name: 'ada' },
          action: 'changeAccount',
          target: `account ${minute}`,
          details: { minute },
        }),
      )
    }
    const first = await readAdminLog(db.read, { before: null, limit: 2 })
    expect(first.items.map(({ target }) => target)).toEqual(['account 3', 'account 2'])
    const second = await readAdminLog(db.read, { before: first.next, limit: 2 })
    expect(second).toMatchObject({ items: [{ target: 'account 1', details: { minute: 1 } }], next: null })

    expect(await write((tx) => pruneAdminLog(tx, { before: at(3), limit: 10 }))).toBe(2)
    expect((await readAdminLog(db.read, { before: null, limit: 9 })).items.map(({ at: time }) => time)).toEqual([at(3)])
  })

  test('a set-up code counts once, until its time is over, and only the newest one', async () => {
    await write((tx) => replaceSetupCode(tx, 'old', at(60)))
    await write((tx) => replaceSetupCode(tx, 'new', at(60)))

    expect(await hasSetupCode(db.read, 'old', at(1))).toBe(false)
    expect(await hasSetupCode(db.read, 'new', at(60))).toBe(false)
    expect(await hasSetupCode(db.read, 'new', at(1))).toBe(true)
    const taken = await Promise.all([1, 2, 3].map(() => write((tx) => takeSetupCode(tx, 'new', at(1)))))
    expect(taken.filter(Boolean)).toHaveLength(1)
  })
})
