import { afterEach, expect, test, vi } from 'vitest'
import { storeOwnToken, confirmAuthor, askForAuthor, setProjectTrust } from './change-authors.ts'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

// Several synchronisations each: a machine that is busy takes its time.
vi.setConfig({ testTimeout: 120_000 })

let story: SmartStory
afterEach(() => story.close())

const start = async (account: Parameters<typeof startSmartStory>[0] = {}) => {
  story = await startSmartStory(account)
  return story
}
const ANN = { name: 'Ann Ember', email: 'ann@example.com' }
const HOME = { name: 'Ann Ember', email: 'ann@home.example' }

/** As pushed by GitLab's words for the signature of the newest commit. */
async function pushSigned(s: SmartStory, message: string, status: string): Promise<void> {
  const [sha = ''] = await s.push(s.shop, 'main', [message])
  s.shop.signatures.set(sha, status)
  await s.sync(s.shop)
}

const userKeyOf = async (s: SmartStory) => {
  const person = await s.app.jira?.client.getPerson({ token: 'token-of-ann' }, s.signal)
  return person?.userKey ?? ''
}

test('where only signed commits are trusted, a signature that the host verified for the author is needed', async () => {
  const s = await start({ account: { smartCommitTrust: 'verified' } })

  await s.pushAndSync(['SHOP-1 #comment unsigned'])
  await pushSigned(s, 'SHOP-1 #comment wrong', 'unverified')
  await pushSigned(s, 'SHOP-1 #comment web', 'verified_system')
  await pushSigned(s, 'SHOP-1 #comment signed', 'verified')

  expect(s.comments('SHOP-1')).toEqual(['signed'])
  expect(await s.actions()).toEqual([
    'SHOP-1 comment: failed, smart-commit-not-verified',
    'SHOP-1 comment: failed, smart-commit-not-verified',
    'SHOP-1 comment: failed, smart-commit-not-verified',
    'SHOP-1 comment: done by ann',
  ])
})

test('a project has a level of its own, stricter or looser', async () => {
  const s = await start({ account: { smartCommitTrust: 'off' } })
  await setProjectTrust(s.app, { PAY: 'author' })

  await s.pushAndSync(['SHOP-1 PAY-1 #comment one'])

  expect([s.comments('SHOP-1'), s.comments('PAY-1')]).toEqual([[], ['one']])
  expect(await s.actions()).toContain('SHOP-1 comment: failed, smart-commit-not-allowed')
})

test('the own token of an author acts only where the host verified the signature', async () => {
  const s = await start()
  await storeOwnToken(s.app, { userKey: await userKeyOf(s), token: 'token-of-ann' }, s.signal)

  await s.pushAndSync(['SHOP-1 #comment forged'])
  await pushSigned(s, 'SHOP-1 #comment signed', 'verified')

  const authors = s.jira.world.findIssue('SHOP-1')?.comments.map(({ author }) => author)
  expect(authors).toEqual(['connector', 'ann'])
  expect(s.bodies('SHOP-1')[1]).toBe('signed')
  const tokens = await s.app.db.read.selectFrom('smart_commit_tokens').selectAll().execute()
  expect(JSON.stringify(tokens)).not.toContain('token-of-ann')
})

test('a token of somebody else is not taken', async () => {
  const s = await start()

  const stored = storeOwnToken(s.app, { userKey: 'somebody else', token: 'token-of-ann' }, s.signal)

  await expect(stored).rejects.toMatchObject({ code: 'smart-commit-token-of-another' })
})

test('a token that Jira does not take any more is told of, and the connector acts', async () => {
  const s = await start()
  await storeOwnToken(s.app, { userKey: await userKeyOf(s), token: 'token-of-an-hour' }, s.signal)
  s.clock.advance(2 * 3_600_000)

  await pushSigned(s, 'SHOP-1 #comment signed', 'verified')

  expect(s.jira.world.findIssue('SHOP-1')?.comments.map(({ author }) => author)).toEqual(['connector'])
  const token = await s.app.db.read.selectFrom('smart_commit_tokens').select('problem').executeTakeFirstOrThrow()
  expect(token.problem).not.toBeNull()
})

test('an address that a person asked for counts when an administrator confirmed it', async () => {
  const s = await start()
  await askForAuthor(s.app, { email: HOME.email, userName: 'ann', userKey: await userKeyOf(s) })
  await s.pushAndSync(['SHOP-1 #comment asked'], HOME)
  expect(s.comments('SHOP-1')).toEqual([])

  await confirmAuthor(s.app, { email: 'ANN@home.example', userName: 'ann', by: 'ada' }, s.signal)
  await s.executeAgain()

  expect(s.comments('SHOP-1')).toEqual(['asked'])
  const nobody = confirmAuthor(s.app, { email: 'x@example.com', userName: 'nobody', by: 'ada' }, s.signal)
  await expect(nobody).rejects.toMatchObject({ code: 'smart-commit-author-unknown' })
})

test('an address is not confirmed for whoever got the name of who asked for it', async () => {
  const s = await start()
  await askForAuthor(s.app, { email: HOME.email, userName: 'ann', userKey: 'JIRAUSER1' })

  const confirmed = confirmAuthor(s.app, { email: HOME.email, userName: 'ann', by: 'ada' }, s.signal)

  await expect(confirmed).rejects.toMatchObject({ code: 'smart-commit-author-unknown' })
  const { state } = await s.app.db.read.selectFrom('smart_commit_aliases').select('state').executeTakeFirstOrThrow()
  expect(state).toBe('asked')
})

test('a confirmed address does not go over to whoever gets the name of its owner', async () => {
  const s = await start()
  await confirmAuthor(s.app, { email: HOME.email, userName: 'ann', by: 'ada' }, s.signal)
  await s.app.db.write('background', (tx) => tx.updateTable('smart_commit_aliases').set({ user_key: 'JIRAUSER1' }).execute())

  await s.pushAndSync(['SHOP-1 #comment as the new ann'], HOME)

  expect(s.comments('SHOP-1')).toEqual([])
  const { problem } = await s.app.db.read.selectFrom('smart_commit_actions').select('problem').executeTakeFirstOrThrow()
  expect(problem).toContain('is another than the one for whom the address')
})

test('the author is told on the host, once, without what the issue holds', async () => {
  const s = await start({ account: { smartCommitReplies: true } })

  await s.pushAndSync(['SHOP-1 #comment one\nSHOP-999 #comment two'])
  await s.executeAgain()

  expect(s.shop.commitComments.map(({ note }) => note)).toEqual([
    [
      'Jira: 1 of 2 smart commit commands not executed.',
      '',
      '- `SHOP-1 #comment`: done',
      '- `SHOP-999 #comment`: not executed (smart-commit-issue-missing)',
    ].join('\n'),
  ])
})

test('an account that does not tell writes nothing on the host, and a host that refuses stops nothing', async () => {
  const s = await start({ account: { smartCommitReplies: true } })
  s.gitlab.faults.add({ match: { method: 'POST', path: /\/comments$/ }, answer: { status: 403, body: {} } })

  await s.pushAndSync(['SHOP-1 #comment one', 'SHOP-1 #comment two'], ANN)

  expect(s.comments('SHOP-1')).toEqual(['one', 'two'])
  expect(s.shop.commitComments).toHaveLength(1)
  const replies = await s.app.db.read.selectFrom('smart_commits').select('reply_state').orderBy('id').execute()
  expect(replies.map(({ reply_state }) => reply_state)).toEqual(['failed', 'posted'])
})

test('the author is told in the open merge request that the commit is in, and at the commit where none is', async () => {
  const s = await start({ account: { smartCommitReplies: true } })
  const push = (branch: string, messages: string[]) => s.push(s.shop, branch, messages, { author: ANN })
  await push('topic', ['topic begins'])
  const request = await s.gitlab.openMergeRequest(s.shop, { author: s.maintainer, title: 'Topic', sourceBranch: 'topic' })
  await s.sync(s.shop)

  await push('topic', ['SHOP-1 #comment within', 'the head is another'])
  await push('other', ['SHOP-1 #comment elsewhere'])
  await s.sync(s.shop)
  await s.gitlab.closeMergeRequest(request, s.maintainer)
  await push('topic', ['SHOP-1 #comment closed'])
  await s.sync(s.shop)

  const told = 'Jira: 1 smart commit command executed.\n\n- `SHOP-1 #comment`: done'
  expect(s.comments('SHOP-1').toSorted()).toEqual(['closed', 'elsewhere', 'within'])
  expect(request.notes.filter(({ system }) => !system).map(({ body }) => body)).toEqual([told])
  expect(s.shop.commitComments.map(({ note }) => note)).toEqual([told, told])
})

test('the author is told in a merge request that is not stored, or not yet', async () => {
  const s = await start({ account: { smartCommitReplies: true } })
  await s.push(s.shop, 'topic', ['topic begins'])
  const request = await s.gitlab.openMergeRequest(s.shop, { author: s.maintainer, title: 'Topic', sourceBranch: 'topic' })
  const listing = /\/projects\/\d+\/merge_requests\?/
  s.gitlab.faults.add({ match: { path: listing }, answer: { status: 403, body: {} }, times: 99 })

  await s.push(s.shop, 'topic', ['SHOP-1 #comment one'], { author: ANN })
  await s.sync(s.shop)

  expect(await s.pullRequests(s.shop)).toEqual([])
  expect(request.notes.filter(({ system }) => !system)).toHaveLength(1)
  expect(s.shop.commitComments).toEqual([])
})

test('a reply that a merge request does not take is not put elsewhere, nor tried again', async () => {
  const s = await start({ account: { smartCommitReplies: true } })
  await s.push(s.shop, 'topic', ['topic begins'])
  const request = await s.gitlab.openMergeRequest(s.shop, { author: s.maintainer, title: 'Topic', sourceBranch: 'topic' })
  await s.sync(s.shop)
  s.gitlab.faults.add({ match: { path: /\/notes$/, method: 'POST' }, answer: { status: 500, body: {} } })

  await s.push(s.shop, 'topic', ['SHOP-1 #comment one'], { author: ANN })
  await s.sync(s.shop)
  await s.execute()

  expect(s.comments('SHOP-1')).toEqual(['one'])
  expect(request.notes.filter(({ system }) => !system)).toEqual([])
  expect(s.shop.commitComments).toEqual([])
  const { reply_state } = await s.app.db.read.selectFrom('smart_commits').select('reply_state').executeTakeFirstOrThrow()
  expect(reply_state).toBe('failed')
})
