import { afterEach, expect, test } from 'vitest'
import type { Explanation } from '../../domain/explanation.ts'
import { changeRepository } from '../repositories/change-repository.ts'
import { startStory, type Story } from '../test-story.ts'
import { explainReference } from './explain-reference.ts'

let story: Story
afterEach(() => story.close())

const explain = (ref: string) => explainReference(story.app, ref, story.signal)
/** `title` and `state step` of every subject, and all texts. */
const told = ({ subjects }: Explanation) =>
  subjects.map(({ title, steps }) => [title, steps.map(({ state, step }) => `${state} ${step}`).join(', ')])
const textOf = ({ subjects }: Explanation) => subjects.flatMap(({ steps }) => steps.map(({ text }) => text)).join('\n')

test.each(['sqlite', 'postgres'] as const)(
  'a commit, by its hash or the beginning of it, all the way to Jira, on %s',
  async (kind) => {
    const s = (story = await startStory({ kind }))
    const shop = await s.project('shop', ['nothing yet'])
    const [sha = ''] = await s.push(shop, 'main', ['SHOP-1 a cart'])
    await s.sweep()
    await expect.poll(() => s.shown('SHOP-1')?.commits, { timeout: 20_000 }).toEqual(['SHOP-1 a cart'])
    await expect.poll(async () => told(await explain('SHOP-1'))[0]?.[1], { timeout: 20_000 }).toMatch(/yes delivered/)

    const explanation = await explain(sha.slice(0, 8).toUpperCase())

    expect(explanation.found).toBe(true)
    expect(told(explanation)).toEqual([
      [`Commit ${sha.slice(0, 12)} "SHOP-1 a cart" in acme/shop (account acme)`, 'yes received, yes keys, yes stored'],
      ['Issue SHOP-1', 'yes project, yes stored, yes delivered, note delivered'],
    ])
    expect(textOf(explanation)).toMatch(
      /It names SHOP-1 in its message\.[^]*Last write: out-1 \(property\) at .* HTTP 201, \d+ bytes/,
    )
    expect((await explain(sha)).subjects[0]).toEqual(explanation.subjects[0])
    expect((await explain(`${s.gitlab.url}/acme/shop/-/commit/${sha}`)).found).toBe(true)
  },
)

test('a commit that names no key is found in the local copy', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-1 begin'])
  const [sha = ''] = await s.push(shop, 'main', ['tidy up'])
  await s.sweep()

  const explanation = await explain(sha.slice(0, 10))

  expect(told(explanation)).toEqual([[expect.stringContaining('"tidy up" in acme/shop'), 'no keys, no stored']])
  expect(textOf(explanation)).toContain('The commit exists, names no key')
})

test('a key of no project says what to do', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', [])
  const [sha = ''] = await s.push(shop, 'main', ['UTF-8 everywhere'])
  await s.sweep()

  const explanation = await explain(sha)

  expect(told(explanation).at(-1)).toEqual(['Issue UTF-8', 'no project, yes stored'])
  expect(explanation.subjects.at(-1)?.steps[0]?.remedy).toContain('Browse Projects')
})

test('an issue that Jira does not have, and one that waits for Jira', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['SHOP-999 of tomorrow'])
  await s.sweep()
  expect(told(await explain('shop-999'))).toEqual([['Issue SHOP-999', 'yes project, yes stored, no delivered']])

  s.jira.setFault('disconnected')
  await s.push(shop, 'main', ['SHOP-2 during a pause'])
  await s.sync(shop)

  const waiting = await explain('SHOP-2')
  expect(told(waiting)).toEqual([['Issue SHOP-2', 'yes project, yes stored, waiting delivered']])
  expect(textOf(waiting)).toMatch(/It waits for Jira until/)
})

test('a branch and a pull request, by name and by address', async () => {
  const s = (story = await startStory())
  const shop = await s.project('shop', ['begin'])
  await s.push(shop, 'SHOP-3-cart', ['work'])
  await s.push(shop, 'other', ['work'])
  const named = await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'A cart', sourceBranch: 'SHOP-3-cart' })
  const bare = await s.gitlab.openMergeRequest(shop, { author: s.maintainer, title: 'Nothing', sourceBranch: 'other' })
  await s.sweep()
  const url = `${(await s.stored(shop)).url}/-/merge_requests/`

  expect(told(await explain('SHOP-3-cart'))[0]).toEqual([
    'Branch SHOP-3-cart in acme/shop (account acme)',
    'yes keys, yes stored',
  ])
  expect(told(await explain('other'))).toEqual([['Branch other in acme/shop (account acme)', 'no keys, yes stored']])
  expect(told(await explain(`${url}${named.iid}/diffs?tab=1`))).toEqual([
    [`Pull request ${named.iid} "A cart" in acme/shop (account acme)`, 'yes keys, yes stored'],
    ['Issue SHOP-3', 'yes project, yes stored, yes delivered, note delivered'],
  ])
  expect(told(await explain(`${url}${bare.iid}`))).toEqual([
    [`Pull request ${bare.iid} in acme/shop (account acme)`, 'no stored'],
  ])
})

test('an unlinked repository, and an account that serves other projects', async () => {
  const s = (story = await startStory({ account: { jiraProjects: ['PAY'] } }))
  const shop = await s.project('shop', [])
  const [sha = ''] = await s.push(shop, 'main', ['SHOP-1 a cart'])
  await s.sweep()
  await changeRepository(s.app, { id: (await s.stored(shop)).id, linked: false }, s.signal)

  expect(told(await explain(sha))[0]?.[1]).toBe('yes received, yes keys, no linked, no account, yes stored')
})

test.each(['main2', 'deadbeef', 'SHOP-19', 'https://gitlab.example.com/x/-/merge_requests/1', "x' or 1=1", '--all', 'http://'])(
  'nothing is known of %s',
  async (ref) => {
    const s = (story = await startStory())
    await s.project('shop', ['SHOP-1 begin'])
    await s.sweep()

    const explanation = await explain(ref)

    expect(explanation.found).toBe(false)
    expect(explanation.subjects.at(-1)?.steps).toMatchObject([
      { state: 'no', step: 'searched', text: expect.stringContaining('1 of acme'), remedy: expect.any(String) },
    ])
  },
)
