import { afterEach, expect, test } from 'vitest'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

let story: SmartStory
afterEach(() => story.close())

const start = async (options: Parameters<typeof startSmartStory>[0] = {}) => {
  story = await startSmartStory(options)
  return story
}

/** As often as the job is tried again within some hours. */
async function tryOften(s: SmartStory, times = 6): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    s.clock.advance(400_000)
    await s.execute()
  }
}

test.each([
  ['whose issue cannot be looked up', /SHOP-1$/, 'jira-unavailable'],
  ['whose outcome cannot be looked for', /\/issue\/\d+\/comment$/, 'jira-unavailable'],
  ['that Jira cannot check', /permission\/search$/, 'jira-unavailable'],
])('a command %s does not stop what waits behind it', async (_name, only, code) => {
  const s = await start()
  s.jira.setFault('unavailable', { only })
  await s.pushAndSync(['SHOP-1 #comment evil'])
  await tryOften(s, 6)
  s.jira.setFault('none')
  await s.pushAndSync(['SHOP-2 #comment good'])

  expect(await s.actions()).toEqual([`SHOP-1 comment: failed, ${code}`, 'SHOP-2 comment: done by ann'])
})

test('a commit for whose author Jira always fails does not stop what waits behind it', async () => {
  const s = await start()
  s.jira.setFault('login-page', { only: /user\/search$/ })
  await s.pushAndSync(['SHOP-1 #comment evil\nSHOP-2 #comment too'])
  await tryOften(s, 3)
  expect(await s.states()).toEqual(['found'])
  await tryOften(s)

  expect(await s.states()).toEqual(['failed'])
  expect(await s.actions()).toEqual([
    'SHOP-1 comment: failed, jira-unexpected-answer',
    'SHOP-2 comment: failed, jira-unexpected-answer',
  ])
})

test('while Jira as a whole is away nothing is given up', async () => {
  const s = await start()
  s.jira.setFault('unavailable')
  await s.pushAndSync(['SHOP-1 #comment one'])
  await tryOften(s, 8)
  expect(await s.states()).toEqual(['found'])

  s.jira.setFault('none')
  await tryOften(s, 2)

  expect(s.comments('SHOP-1')).toEqual(['one'])
})

test('a signature that the host cannot read is none, unless the host as a whole is away', async () => {
  const s = await start({ account: { smartCommitTrust: 'verified' } })
  const path = /\/signature$/
  s.gitlab.faults.add({ match: { path }, answer: { status: 500, body: 'out of order' }, times: 10_000 })
  await s.pushAndSync(['SHOP-1 #comment evil'])
  await tryOften(s, 3)
  expect(await s.states()).toEqual(['found'])
  s.gitlab.faults.add({ match: { path: /\/projects\// }, answer: { status: 502, body: 'away' }, times: 10_000 })
  await tryOften(s)
  expect(await s.states()).toEqual(['found'])

  s.gitlab.faults.clear()
  s.gitlab.faults.add({ match: { path }, answer: { status: 500, body: 'out of order' }, times: 10_000 })
  await tryOften(s, 2)

  expect(await s.actions()).toEqual(['SHOP-1 comment: failed, smart-commit-not-verified'])
})
