import { afterEach, expect, test } from 'vitest'
import { startSmartStory, type SmartStory } from './test-smart-story.ts'

let story: SmartStory
afterEach(() => story.close())

const start = async () => {
  story = await startSmartStory()
  return story
}

const forgetProjects = ({ app }: SmartStory) => app.db.write('interactive', (tx) => tx.deleteFrom('projects').execute())

const PROJECTS = /\/project\?|\/project$/

/** How often the list of projects was asked for while something was done. */
async function countLists(s: SmartStory, work: () => Promise<unknown>): Promise<number> {
  const before = s.jira.requests().length
  await work()
  return s.jira
    .requests()
    .slice(before)
    .filter(({ path }) => PROJECTS.test(path)).length
}

test('a project that is younger than the list is found', async () => {
  const s = await start()
  s.jira.world.addProject({ key: 'NEU', name: 'New' })
  s.jira.world.seedIssues('NEU', 3)

  await s.pushAndSync(['UTF-8 #include', 'NEU-1 #comment one', 'UTF-16 #include', 'NEU-2 SHOP-1 #comment two'])

  expect(await s.states()).toEqual(['skipped', 'done', 'skipped', 'done'])
  expect([s.comments('NEU-1'), s.comments('NEU-2'), s.comments('SHOP-1')]).toEqual([['one'], ['two'], ['two']])
})

test('the list is read again once for what was met before, and not at all for projects that are known', async () => {
  const s = await start()

  expect(await countLists(s, () => s.pushAndSync(['SHOP-1 #comment one']))).toBe(0)
  expect(await countLists(s, () => s.pushAndSync(['UTF-8 #include', 'UTF-16 #include', 'SHOP-1 UTF-8 #comment two']))).toBe(1)
})

test('where the list is empty, as in the moment after Jira was connected, nothing is skipped', async () => {
  const s = await start()
  await forgetProjects(s)

  await s.pushAndSync(['SHOP-1 #comment one'])

  expect(await s.states()).toEqual(['done'])
})

test('where Jira works and does not tell its projects, issues are looked up by their keys', async () => {
  const s = await start()
  await forgetProjects(s)
  s.jira.setFault('unavailable', { only: PROJECTS })

  await s.pushAndSync(['SHOP-1 #comment one', 'UTF-8 #include'])

  expect(await s.actions()).toEqual(['SHOP-1 comment: done by ann', 'UTF-8 include: failed, smart-commit-issue-missing'])
})
