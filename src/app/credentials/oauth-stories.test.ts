import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { KINDS } from '../../db/test-database.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { findOAuthCredential, takeRefreshLease } from '../../db/stores/oauth-credentials.ts'
import { createHostRegistry } from '../../hosts/registry.ts'
import { createConnections } from '../accounts/create-connections.ts'
import { HOUR_MS, MINUTE_MS } from '../test-clock.ts'
import { beginSignIn, finishSignIn } from './sign-in.ts'
import { startSignInStory, WEB, type SignInStory } from './test-sign-in.ts'
import { openPair } from './token-pair.ts'

let story: SignInStory
afterEach(() => story.close())

const account = () => findAccount(story.app.db.read, WEB)
const token = () => story.app.connections.token(WEB)
const credential = async () => {
  const found = await findOAuthCredential(story.app.db.read, WEB)
  if (found === null) throw new Error('there is no credential')
  return found
}
const stored = async () => openPair(story.secretBox, WEB, (await credential()).pairSealed ?? '')
/** Whether GitLab takes an access token. */
const opens = async (value: string) =>
  (await fetch(`${story.gitlab.url}/api/v4/user`, { headers: { authorization: `Bearer ${value}` } })).status !== 401

describe('signing in', () => {
  test('a new account waits for its sign-in, then is swept and imported over API and Git', async () => {
    story = await startSignInStory()
    await story.project('shop', ['SHOP-1 first', 'SHOP-2 second'])
    const before = await account()

    await story.signIn()
    await story.settle()

    expect([before?.state, before?.problem?.code]).toEqual(['needs-sign-in', 'sign-in-needed'])
    expect(await account()).toMatchObject({ state: 'ok', problem: null })
    const rows = await story.app.db.read
      .selectFrom('commits')
      .innerJoin('repositories', 'repositories.id', 'commits.repository_id')
      .select('message')
      .where('account_id', '=', WEB)
      .execute()
    expect(rows).toHaveLength(2)
  })

  test('asks for a look at the tokens that were given', async () => {
    story = await startSignInStory()
    const asked: string[] = []
    const { jobs } = story.app
    const add: typeof jobs.add = (tx, request) => {
      asked.push(request.key)
      return jobs.add(tx, request)
    }

    const app = { ...story.app, jobs: { ...jobs, add } }
    await finishSignIn(app, { answer: await story.visit(), secretBox: story.secretBox }, story.signal)

    expect(asked).toContain(`credentials:${WEB}`)
  })

  test('a state works once, and for ten minutes', async () => {
    story = await startSignInStory()
    const answer = await story.visit()
    await finishSignIn(story.app, { answer, secretBox: story.secretBox }, story.signal)
    const late = await story.visit()
    story.clock.advance(10 * MINUTE_MS)

    const again = finishSignIn(story.app, { answer, secretBox: story.secretBox }, story.signal)
    await expect(again).rejects.toMatchObject({ code: 'sign-in-expired' })
    const tooLate = finishSignIn(story.app, { answer: late, secretBox: story.secretBox }, story.signal)
    await expect(tooLate).rejects.toMatchObject({ code: 'sign-in-expired' })
    expect(story.tokenRequests()).toEqual([200])
  })

  test('of two nodes that are brought the same answer one finishes it', async () => {
    story = await startSignInStory({ kind: 'postgres' })
    const answer = await story.visit()

    const finished = await Promise.allSettled(
      [1, 2, 3].map(() => finishSignIn(story.app, { answer, secretBox: story.secretBox }, story.signal)),
    )

    expect(finished.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(story.tokenRequests()).toEqual([200])
  })

  test('a state of one sign-in does not finish with the code of another', async () => {
    story = await startSignInStory()
    const mine = await story.visit()
    const theirs = await story.visit()
    theirs.set('state', mine.get('state') ?? '')

    const mixed = finishSignIn(story.app, { answer: theirs, secretBox: story.secretBox }, story.signal)

    await expect(mixed).rejects.toMatchObject({ code: 'grant-refused' })
    expect((await account())?.state).toBe('needs-sign-in')
  })

  test('denied at the host', async () => {
    story = await startSignInStory()
    story.gitlab.signInBrowser({ user: story.maintainer, decision: 'deny' })

    const denied = finishSignIn(story.app, { answer: await story.visit(), secretBox: story.secretBox }, story.signal)

    await expect(denied).rejects.toMatchObject({ code: 'sign-in-denied' })
    expect(story.tokenRequests()).toEqual([])
  })

  test('an application that the host deleted meanwhile', async () => {
    story = await startSignInStory()
    const answer = await story.visit()
    story.gitlab.deleteApplication(story.application)

    const failed = finishSignIn(story.app, { answer, secretBox: story.secretBox }, story.signal)

    await expect(failed).rejects.toMatchObject({ code: 'oauth-client-refused' })
  })

  test('what is stored of a sign-in under way is worth nothing to whoever reads it', async () => {
    story = await startSignInStory()
    const { authorizationUrl } = await beginSignIn(story.app, story.secretBox, WEB)
    const state = new URL(authorizationUrl).searchParams.get('state') ?? ''

    const rows = await story.app.db.read.selectFrom('oauth_sign_ins').selectAll().execute()

    expect(JSON.stringify(rows)).not.toContain(state)
    expect(rows[0]?.verifier_sealed).toMatch(/^v1:/)
  })
})

describe.each(KINDS)('refreshing on %s', (kind) => {
  test('ahead of the end, once for many calls of several nodes; the pair before is kept', async () => {
    story = await startSignInStory({ kind })
    await story.signIn()
    const first = await stored()
    const { db, clock, log, http } = story.app
    const hosts = createHostRegistry({ http, clock, log })
    const other = createConnections({ db, secretBox: story.secretBox, declared: new Map(), hosts, clock, log })
    story.clock.advance(2 * HOUR_MS - 9 * MINUTE_MS)

    const nodes = [story.app.connections, other, story.app.connections, other]
    const tokens = await Promise.all(nodes.map(async (node) => (await node.token(WEB)).get(story.signal)))

    expect(new Set(tokens)).toEqual(new Set([(await stored()).accessToken]))
    expect(tokens[0]).not.toBe(first.accessToken)
    expect(story.tokenRequests()).toEqual([200, 200])
    const row = await db.read.selectFrom('oauth_credentials').select('previous_pair_sealed').executeTakeFirst()
    expect(openPair(story.secretBox, WEB, row?.previous_pair_sealed ?? '')).toEqual(first)
  })

  test('a sync that runs for hours survives the renewals in its middle', async () => {
    story = await startSignInStory({ kind })
    await story.signIn()
    const connection = await story.app.connections.get(WEB)
    const project = await story.project('shop', ['SHOP-1 first'])
    const found = async () => connection.findRepository(`${project.id}` as never, story.signal)

    expect(await found()).not.toBeNull()
    for (let renewals = 0; renewals < 3; renewals += 1) {
      story.clock.advance(2 * HOUR_MS + MINUTE_MS)
      expect(await found()).not.toBeNull()
    }

    expect(story.tokenRequests()).toEqual([200, 200, 200, 200])
  })

  test('a sync whose token ends while it reads pull requests goes on to its end', async () => {
    story = await startSignInStory({ kind })
    await story.project('shop', ['SHOP-1 first'])
    await story.signIn()
    story.clock.advance(2 * MINUTE_MS)
    const refuse = { status: 401, body: { message: '401 Unauthorized' } }
    story.gitlab.faults.add({ match: { path: /merge_requests/ }, answer: refuse })

    const state = async () =>
      (await story.app.db.read.selectFrom('syncs').select(['outcome', 'finished_at']).execute()).map(({ outcome }) => outcome)
    await expect.poll(state, { timeout: 30_000, interval: 100 }).toEqual(['done'])

    expect(story.tokenRequests()).toEqual([200, 200])
    expect((await account())?.state).toBe('ok')
  })

  test('a lease that its holder died with runs out', async () => {
    story = await startSignInStory({ kind })
    await story.signIn()
    story.clock.advance(2 * HOUR_MS)
    const now = story.clock.now().getTime()
    const lease = { version: (await credential()).version, holder: randomUUID(), now, until: now + MINUTE_MS }
    await story.app.db.write('interactive', (tx) => takeRefreshLease(tx, WEB, lease))

    let done = false
    const got = (await token()).get(story.signal).finally(() => {
      done = true
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    const early = done
    story.clock.advance(MINUTE_MS)

    expect(await opens(await got)).toBe(true)
    expect(early).toBe(false)
  })
})

describe('a process killed between the answer of the host and its storing', () => {
  test('the account says that it needs a sign-in, keeps everything, and goes on after it', async () => {
    story = await startSignInStory()
    const shop = await story.project('shop', ['SHOP-1 first'])
    await story.signIn()
    await story.settle()
    story.clock.advance(2 * HOUR_MS)
    const { db, clock, log, http } = story.app
    const lost = Promise.withResolvers<never>()
    const write: typeof db.write = async (priority, work) =>
      story.tokenRequests().length > 1 ? lost.promise : db.write(priority, work)
    const hosts = createHostRegistry({ http, clock, log })
    const killed = createConnections({ db: { ...db, write }, secretBox: story.secretBox, declared: new Map(), hosts, clock, log })
    void (await killed.token(WEB)).get(story.signal).catch(() => undefined)
    await expect.poll(() => story.tokenRequests()).toEqual([200, 200])

    // The lease of the dead runs out first.
    story.clock.advance(3 * MINUTE_MS)
    await expect((await token()).get(story.signal)).rejects.toMatchObject({ code: 'sign-in-needed' })

    const failed = await account()
    expect([failed?.state, failed?.problem?.code]).toEqual(['needs-sign-in', 'sign-in-needed'])
    expect(failed?.problem?.remedy).toMatch(/sign in/i)
    const count = () => db.read.selectFrom('commits').select('id').execute()
    expect(await count()).toHaveLength(1)
    await story.signIn()
    await story.push(shop, 'main', ['SHOP-2 later'])
    await story.sweep('web')
    expect(await account()).toMatchObject({ state: 'ok', problem: null })
    expect(await count()).toHaveLength(2)
  })
})

describe('when the host refuses', () => {
  test('an access token before its end: renewed, and the request sent again; over Git, too', async () => {
    story = await startSignInStory()
    const project = await story.project('shop', ['SHOP-1 first'])
    await story.signIn()
    const connection = await story.app.connections.get(WEB)
    story.clock.advance(2 * MINUTE_MS)
    const refuse = { status: 401, body: { message: '401 Unauthorized' } }
    story.gitlab.faults.add({ match: { path: /^\/api\/v4\/projects\// }, answer: refuse })

    expect(await connection.findRepository(`${project.id}` as never, story.signal)).not.toBeNull()
    expect(story.tokenRequests()).toEqual([200, 200])

    const repository = { hostId: `${project.id}` as never, path: 'acme/shop', webUrl: '' }
    const used: string[] = []
    await connection.withGitRemote(
      repository,
      async ({ authorization }) => {
        used.push(authorization ?? '')
        if (used.length > 1) return
        story.clock.advance(2 * MINUTE_MS)
        const { ConnectorError } = await import('../../lib/connector-error.ts')
        throw new ConnectorError('credentials-refused', { userMessage: 'refused' })
      },
      story.signal,
    )
    expect(new Set(used).size).toBe(2)
    expect(story.tokenRequests()).toEqual([200, 200, 200])
  })

  test('a fresh one: it is not renewed again and again', async () => {
    story = await startSignInStory()
    await story.signIn()
    const connection = await story.app.connections.get(WEB)
    story.gitlab.faults.add({ match: { path: /^\/api\/v4\/projects\// }, answer: { status: 401 }, times: 9 })

    const asked = connection.findRepository('501' as never, story.signal)

    await expect(asked).rejects.toMatchObject({ code: 'credentials-refused' })
    expect(story.tokenRequests()).toEqual([200])
  })

  test('the refresh token: the account needs a sign-in, keeps everything, and leaves the host alone', async () => {
    story = await startSignInStory()
    await story.project('shop', ['SHOP-1 first'])
    await story.signIn()
    await story.settle()
    story.gitlab.revokeAuthorizations(story.application)
    story.clock.advance(2 * HOUR_MS)

    await story.sweep('web')
    const asked = story.gitlab.requests.length
    const failed = await account()
    await story.sweep('web')

    expect([failed?.state, failed?.problem?.code]).toEqual(['needs-sign-in', 'sign-in-needed'])
    expect(story.gitlab.requests.length).toBe(asked)
    const repositories = await story.app.db.read.selectFrom('repositories').select('id').where('account_id', '=', WEB).execute()
    expect(repositories).toHaveLength(1)

    await story.signIn()
    await story.settle()
    expect(await account()).toMatchObject({ state: 'ok', problem: null })
  })
})

describe('while the host is away', () => {
  test('a refresh is tried again, and the old token serves to its end', async () => {
    story = await startSignInStory()
    await story.signIn()
    const { accessToken } = await stored()
    story.clock.advance(2 * HOUR_MS - 5 * MINUTE_MS)
    const mend = story.gitlab.faults.add({ match: { path: /^\/oauth\/token/ }, answer: 'html502', times: 99 })

    const meanwhile = await (await token()).get(story.signal)
    await (await token()).get(story.signal)
    const requests = story.tokenRequests()
    story.clock.advance(6 * MINUTE_MS)
    await expect((await token()).get(story.signal)).rejects.toMatchObject({ code: 'host-unavailable', retryable: true })
    const state = (await account())?.state
    mend()
    story.clock.advance(MINUTE_MS)

    expect(meanwhile).toBe(accessToken)
    expect(requests).toEqual([200, 502])
    expect(state).not.toBe('needs-sign-in')
    expect(await opens(await (await token()).get(story.signal))).toBe(true)
  })

  test('an answer that is cut off is no refusal', async () => {
    story = await startSignInStory()
    await story.signIn()
    story.clock.advance(2 * HOUR_MS)
    story.gitlab.faults.add({ match: { path: /^\/oauth\/token/ }, answer: 'cut' })

    await expect((await token()).get(story.signal)).rejects.toMatchObject({ retryable: true })
    story.clock.advance(MINUTE_MS)

    expect(await opens(await (await token()).get(story.signal))).toBe(true)
  })
})
