import { afterEach, expect, test } from 'vitest'
import { refreshProjects } from '../delivery/refresh-projects.ts'
import { setProjectTrust, storeOwnToken } from './change-authors.ts'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

let story: SmartStory
afterEach(() => story.close())

const start = async (options: Parameters<typeof startSmartStory>[0] = {}) => {
  story = await startSmartStory(options)
  story.jira.world.addProject({ key: 'SEC', name: 'Security' })
  await readProjects()
  return story
}

async function readProjects(): Promise<void> {
  await refreshProjects(story.app, story.signal)
  await story.settle()
}

const NOT_ALLOWED = 'failed, smart-commit-not-allowed'

test('a key of the past does not open a project that is closed to smart commits', async () => {
  const s = await start()
  await setProjectTrust(s.app, { SEC: 'off' })
  const moved = s.jira.world.moveIssue('SHOP-1', 'SEC')

  await s.pushAndSync(['SEC-1 #comment by its key', 'SHOP-1 #comment by the key of the past'])

  expect(moved.key).toBe('SEC-1')
  expect(await s.actions()).toEqual([`SEC-1 comment: ${NOT_ALLOWED}`, `SHOP-1 comment: ${NOT_ALLOWED}`])
  expect(s.comments('SEC-1')).toEqual([])
})

test('what moved out of a closed project is open under its old key too', async () => {
  const s = await start({ account: { smartCommitTrust: 'off' } })
  await setProjectTrust(s.app, { PAY: 'author' })
  const moved = s.jira.world.moveIssue('SHOP-1', 'PAY')

  await s.pushAndSync(['SHOP-1 #comment one'])

  expect(s.comments(moved.key)).toEqual(['one'])
})

test('where only signed commits are trusted, a key of the past needs a signature too', async () => {
  const s = await start()
  await setProjectTrust(s.app, { SEC: 'verified' })
  s.jira.world.moveIssue('SHOP-1', 'SEC')

  await s.pushAndSync(['SHOP-1 #comment unsigned'])

  expect(await s.actions()).toEqual(['SHOP-1 comment: failed, smart-commit-not-verified'])
})

test.each(['STORE', 'SHOP'])('a level that names a renamed project %s counts under both of its keys', async (named) => {
  const s = await start()
  s.jira.world.renameProjectKey('SHOP', 'STORE')
  await readProjects()
  await setProjectTrust(s.app, { [named]: 'off' })

  await s.pushAndSync(['STORE-2 #comment today', 'SHOP-2 #comment former'])

  expect(await s.actions()).toEqual([`STORE-2 comment: ${NOT_ALLOWED}`, `SHOP-2 comment: ${NOT_ALLOWED}`])
})

test('a level counts also in the minutes in which the connector does not know of the rename', async () => {
  const s = await start()
  await setProjectTrust(s.app, { SHOP: 'off' })
  s.jira.world.renameProjectKey('SHOP', 'STORE')

  await s.pushAndSync(['SHOP-2 #comment former'])

  expect(await s.actions()).toEqual([`SHOP-2 comment: ${NOT_ALLOWED}`])
})

test('an account that is meant for some projects does not act on what moved elsewhere', async () => {
  const s = await start({ account: { jiraProjects: ['SHOP'] } })
  const moved = s.jira.world.moveIssue('SHOP-3', 'PAY')

  await s.pushAndSync([`${moved.key} #comment by its key`, 'SHOP-3 #comment by the key of the past', 'SHOP-4 #comment stayed'])

  expect(await s.actions()).toEqual([
    `${moved.key} comment: ${NOT_ALLOWED}`,
    `SHOP-3 comment: ${NOT_ALLOWED}`,
    'SHOP-4 comment: done by ann',
  ])
  expect(s.comments(moved.key)).toEqual([])
})

test('an account that names a project by its former key serves it', async () => {
  const s = await start({ account: { jiraProjects: ['SHOP'] } })
  s.jira.world.renameProjectKey('SHOP', 'STORE')
  await readProjects()

  await s.pushAndSync(['STORE-3 #comment one', 'SHOP-3 #comment two'])

  expect(s.comments('STORE-3')).toEqual(['one', 'two'])
})

test('an issue that the author alone sees is judged by where it is as well', async () => {
  const s = await start()
  const person = await s.app.jira?.client.getPerson({ token: 'token-of-ann' }, s.signal)
  await storeOwnToken(s.app, { userKey: person?.userKey ?? '', token: 'token-of-ann' }, s.signal)
  await setProjectTrust(s.app, { SEC: 'off' })
  const pushSigned = async (message: string) => {
    const [sha = ''] = await s.push(s.shop, 'main', [message])
    s.shop.signatures.set(sha, 'verified')
    await s.sync(s.shop)
  }
  const hide = (key: string) =>
    Object.assign(s.jira.world.findProject(key) ?? {}, { withheld: { connector: ['BROWSE_PROJECTS'] } })
  s.jira.world.moveIssue('SHOP-1', 'SEC')
  hide('SEC')
  hide('PAY')

  await pushSigned('SHOP-1 #comment closed')
  await pushSigned('PAY-1 #comment open')

  expect(await s.actions()).toEqual([`SHOP-1 comment: ${NOT_ALLOWED}`, 'PAY-1 comment: done by ann'])
  expect(s.jira.world.findIssue('PAY-1')?.comments).toMatchObject([{ author: 'ann', body: 'open' }])
})

test('an issue that a command names by two of its keys gets it once', async () => {
  const s = await start()
  const moved = s.jira.world.moveIssue('SHOP-9', 'PAY')

  await s.pushAndSync([`SHOP-9 ${moved.key} SHOP-8 #time 1h #comment one`])

  expect([moved.worklogs.length, s.comments(moved.key), s.comments('SHOP-8')]).toEqual([1, ['one'], ['one']])
  expect(await s.states()).toEqual(['done'])
  expect(await summaries(s)).toEqual([
    'SHOP-9 time: Logged 1h',
    `${moved.key} time: Same issue as SHOP-9`,
    'SHOP-8 time: Logged 1h',
    'SHOP-9 comment: Comment added',
    `${moved.key} comment: Same issue as SHOP-9`,
    'SHOP-8 comment: Comment added',
  ])
})

test('two commands do not become one because they say the same of one issue', async () => {
  const s = await start()
  const moved = s.jira.world.moveIssue('SHOP-9', 'PAY')

  await s.pushAndSync([`SHOP-9 #time 1h\n${moved.key} #time 1h`])

  expect(moved.worklogs).toHaveLength(2)
})

test('what failed under one key and is asked for again is still done once', async () => {
  const s = await start()
  const moved = s.jira.world.moveIssue('SHOP-9', 'PAY')
  const pay = s.jira.world.findProject('PAY')
  if (pay === null) throw new Error('the test needs PAY')
  pay.withheld = { connector: ['WORK_ON_ISSUES'] }
  await s.pushAndSync([`SHOP-9 ${moved.key} #time 1h`])
  expect(await s.states()).toEqual(['failed'])

  pay.withheld = {}
  await s.executeAgain()

  expect(await s.states()).toEqual(['done'])
  expect(moved.worklogs).toHaveLength(1)
})

test('what was begun under one key before the process died is not done under the other', async () => {
  const s = await start()
  const moved = s.jira.world.moveIssue('SHOP-9', 'PAY')
  await s.pushAndSync([`SHOP-9 ${moved.key} #comment one`])
  await s.app.db.write('interactive', async (tx) => {
    await tx.updateTable('smart_commit_actions').set({ state: 'found', summary: null, jira_id: null }).execute()
    await tx.updateTable('smart_commits').set({ state: 'executing' }).execute()
  })

  await s.execute()

  expect(await s.states()).toEqual(['done'])
  expect(s.comments(moved.key)).toEqual(['one'])
})

/** `KEY name: what was done`. */
async function summaries({ app }: SmartStory): Promise<string[]> {
  const columns = ['issue_key', 'name', 'summary'] as const
  const rows = await app.db.read.selectFrom('smart_commit_actions').select(columns).orderBy('id').execute()
  return rows.map(({ issue_key, name, summary }) => `${issue_key} ${name}: ${summary}`)
}
