import { afterEach, describe, expect, test } from 'vitest'
import { findSetting, saveSetting } from '../../db/stores/settings.ts'
import { KINDS } from '../../db/test-database.ts'
import { findDeliveryHold } from '../delivery/delivery-hold.ts'
import { acceptConnectedJira, readJiraState } from '../jira/connect-jira.ts'
import { MINUTE_MS } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { renewConnectorMark } from './connector-marks.ts'
import { checkSameJira } from './ensure-same-jira.ts'

let story: Story
afterEach(() => story.close())

async function start(options: StoryOptions = {}) {
  story = await startStory(options)
  await story.project('shop', ['SHOP-1 begin'])
  await story.sweep()
}

const countMarks = async () => new Set((JSON.parse(await readMarks()) as { marks: string[] }).marks).size
const readMarks = async () => (await findSetting(story.app.db.read, 'jira.marks')) ?? ''
/** From here on this is another one of the two. */
const become = (marks: string) => story.app.db.write('interactive', (tx) => saveSetting(tx, 'jira.marks', marks))
const held = async () => (await findDeliveryHold(story.app.db.read))?.problem ?? null
const inJira = () => [...story.jira.world.userProperties.values()] as { mark: string; url: string }[]

/** Past the time for which a look counts. */
async function push(issue: string) {
  story.clock.advance(11 * MINUTE_MS)
  await story.project(`shop-${issue}`, [`${issue} more`])
  await story.sweep()
}

describe.each(KINDS)('on %s', { timeout: 120_000 }, (kind) => {
  test('marks of several nodes at once are all known', async () => {
    story = await startStory({ kind })
    const { jira } = story.app
    if (jira === null) throw new Error('no Jira')
    await renewConnectorMark(story.app, jira, story.signal)
    const before = await countMarks()

    await Promise.all([1, 2, 3, 4].map(() => renewConnectorMark(story.app, jira, story.signal)))
    await renewConnectorMark(story.app, jira, story.signal)

    // The first delivery may leave one as well.
    expect(await countMarks()).toBeGreaterThanOrEqual(before + 5)
  })
})

test('a copy that starts later writes nothing, and the original goes on', async () => {
  await start()
  const copy = await readMarks()
  await push('SHOP-2')
  const original = await readMarks()
  expect(original).not.toBe(copy)

  await become(copy)
  await push('SHOP-3')

  expect(story.shown('SHOP-3')).toBeNull()
  expect(await held()).toMatchObject({
    code: 'connector-copied',
    message: expect.stringContaining(`A copy of this connector (${story.app.settings.serverUrl}`) as string,
  })
  expect(await readJiraState(story.app)).toMatchObject({ state: 'moved' })
  await become(original)
  await push('SHOP-4')
  expect(await held()).toBeNull()
  expect(story.shown('SHOP-3')).not.toBeNull()
  expect(story.shown('SHOP-4')).not.toBeNull()
})

test('of two of the same day the first to look writes, and the other stops; the one that people choose writes everything', async () => {
  await start()
  const original = await readMarks()
  await push('SHOP-2')
  const copy = await readMarks()
  await become(original)
  await push('SHOP-3')
  expect(await held()).toMatchObject({ code: 'connector-copied' })

  await acceptConnectedJira(story.app, story.signal)
  await story.settle()

  expect(await held()).toBeNull()
  expect(story.shown('SHOP-3')).not.toBeNull()
  await become(copy)
  await push('SHOP-4')
  expect(await held()).toMatchObject({ code: 'connector-copied' })
  expect(story.shown('SHOP-4')).toBeNull()
})

test('text of others in the mark is not told, and nothing of a mark is a secret', async () => {
  await start()
  expect(inJira()).toEqual([{ mark: expect.stringMatching(/^[\w-]{43}$/) as string, url: story.app.settings.serverUrl }])
  for (const value of [{ mark: 'x', url: 'javascript:alert(1)' }, { mark: 'x', url: 'http://[' }, 'no mark', null]) {
    for (const place of story.jira.world.userProperties.keys()) story.jira.world.userProperties.set(place, value)
    story.clock.advance(11 * MINUTE_MS)
    const { jira } = story.app
    if (jira === null) throw new Error('no Jira')

    await expect(renewConnectorMark(story.app, jira, story.signal)).rejects.toMatchObject({
      code: 'connector-copied',
      userMessage: expect.stringContaining('A copy of this connector writes to') as string,
    })
  }
})

test('a Jira that does not keep the mark gets everything all the same', async () => {
  story = await startStory()
  story.jira.setFault('login-page', { only: /user\/properties/ })
  story.jira.world.userProperties.clear()

  await push('SHOP-1')

  expect(story.shown('SHOP-1')).not.toBeNull()
  expect(inJira()).toEqual([])
})

test('a Jira that tells of the mark and takes no new one raises no alarm, however often it is tried', async () => {
  await start()
  const { jira } = story.app
  if (jira === null) throw new Error('no Jira')
  story.jira.setFault('read-only', { only: /user\/properties/ })
  for (let look = 0; look < 120; look += 1) await renewConnectorMark(story.app, jira, story.signal)
  story.jira.setFault('none')

  await push('SHOP-2')

  expect(await held()).toBeNull()
  expect(story.shown('SHOP-2')).not.toBeNull()
})

test('whoever was chosen stays chosen when the first new mark did not reach Jira', async () => {
  await start()
  const original = await readMarks()
  await push('SHOP-2')
  await become(original)
  await push('SHOP-3')
  expect(await held()).toMatchObject({ code: 'connector-copied' })
  story.jira.setFault('unavailable', { only: /user\/properties/, times: 1 })

  await acceptConnectedJira(story.app, story.signal)
  await story.settle()
  await push('SHOP-4')

  expect(await held()).toBeNull()
  expect(story.shown('SHOP-4')).not.toBeNull()
})

test('a diagnosis compares and leaves no mark', async () => {
  await start()
  const { jira } = story.app
  if (jira === null) throw new Error('no Jira')
  const before = [inJira(), await readMarks()]

  await checkSameJira(story.app, jira, story.signal)
  expect([inJira(), await readMarks()]).toEqual(before)

  for (const place of story.jira.world.userProperties.keys()) story.jira.world.userProperties.set(place, { mark: 'x', url: '' })
  await expect(checkSameJira(story.app, jira, story.signal)).rejects.toMatchObject({ code: 'connector-copied' })
})
