import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from './sandbox-jira.ts'
import type { SandboxIssue, SandboxProject } from './types.ts'

let jira: SandboxJira
let issue: SandboxIssue
let project: SandboxProject

beforeEach(async () => {
  const user = (name: string, displayName: string, active = true) => ({
    name,
    displayName,
    emailAddress: `${name}@example.com`,
    active,
    tokens: [{ token: `t-${name}` }],
  })
  const users = [{ ...user('ann', 'Ann Lee'), administrator: true }, user('ben', 'Ben Meyer'), user('bea', 'Bea Gone', false)]
  jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users })
  project = jira.world.addProject({ key: 'SHOP', name: 'Web shop' })
  issue = jira.world.createIssue({ project: 'SHOP', summary: 'Cart', reporter: 'ann' })
})
afterEach(() => jira.close())

async function call(
  path: string,
  { method = 'GET', body, token = 't-ben' }: { method?: string; body?: unknown; token?: string } = {},
) {
  const response = await fetch(`${jira.url}/rest/api/2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? null : (JSON.parse(text) as unknown) }
}

const post = (path: string, body: unknown) => call(`issue/SHOP-1/${path}`, { method: 'POST', body })
const refusal = (errorMessages: string[], errors: Record<string, string> = {}) => ({ errorMessages, errors })

describe('transitions', () => {
  it('lists those that are valid now for this user, with the fields of their screens', async () => {
    project.transitions = [
      { id: '1', name: 'Start', to: 'In Progress', from: ['To Do'], onlyFor: ['ben'] },
      { id: '2', name: 'Stop', to: 'To Do', from: ['In Progress'] },
      {
        id: '3',
        name: 'Resolve',
        to: 'Done',
        screen: { fields: [{ id: 'resolution', name: 'Resolution', required: true }] },
      },
      { id: '4', name: 'Close', to: 'Done', screen: { comment: false } },
    ]
    const names = async (token: string) =>
      ((await call('issue/SHOP-1/transitions', { token })).json as { transitions: { name: string }[] }).transitions.map(
        ({ name }) => name,
      )

    const { json } = await call('issue/SHOP-1/transitions?expand=transitions.fields')

    expect(json).toMatchObject({
      transitions: [
        { name: 'Start', to: { name: 'In Progress', statusCategory: { key: 'indeterminate' } }, fields: {} },
        { name: 'Resolve', fields: { resolution: { required: true, name: 'Resolution' }, comment: { required: false } } },
        { name: 'Close', fields: {} },
      ],
    })
    expect(await names('t-ann')).toEqual(['Resolve', 'Close'])
    project.withheld = { ben: ['TRANSITION_ISSUES'] }
    expect(await names('t-ben')).toEqual([])
  })

  it('refuses what is not valid, fields that are missing, and a comment that no screen has', async () => {
    project.transitions = [
      { id: '3', name: 'Resolve', to: 'Done', screen: { fields: [{ id: 'resolution', name: 'Resolution', required: true }] } },
      { id: '4', name: 'Close', to: 'Done' },
    ]
    const withComment = { update: { comment: [{ add: { body: 'x' } }] } }

    const [none, wrong, missing, noScreen] = await Promise.all([
      post('transitions', {}),
      post('transitions', { transition: { id: '2' } }),
      post('transitions', { transition: { id: '3' } }),
      post('transitions', { transition: { id: '4' }, ...withComment }),
    ])

    expect(none).toEqual({ status: 400, json: refusal(["Missing 'transition' identifier"]) })
    expect(wrong).toMatchObject({ status: 400 })
    expect(JSON.stringify(wrong?.json)).toContain('not valid for the current state of this issue')
    expect(missing).toEqual({ status: 400, json: refusal([], { resolution: 'Resolution is required.' }) })
    expect(noScreen?.json).toEqual(
      refusal([], { comment: "Field 'comment' cannot be set. It is not on the appropriate screen, or unknown." }),
    )
    expect(issue).toMatchObject({ status: 'To Do', comments: [] })
    expect(
      await post('transitions', { transition: { id: '3' }, fields: { resolution: { name: 'Done' } }, ...withComment }),
    ).toEqual({
      status: 204,
      json: null,
    })
    expect(issue).toMatchObject({ status: 'Done', comments: [{ author: 'ben', body: 'x' }] })
  })

  it('keeps who changed the status, and tells it with the changelog', async () => {
    await post('transitions', { transition: { id: '41' } })
    jira.world.addProject({ key: 'WEB', name: 'Website' })
    jira.world.moveIssue('SHOP-1', 'WEB')

    const { json } = await call('issue/SHOP-1?expand=changelog&fields=status')

    expect(json).toMatchObject({
      key: 'WEB-1',
      changelog: {
        total: 2,
        histories: [
          { author: { name: 'ben' }, items: [{ field: 'status', fromString: 'To Do', toString: 'Done' }] },
          {
            items: [
              { field: 'project', fromString: 'SHOP', toString: 'WEB' },
              { field: 'Key', fromString: 'SHOP-1', toString: 'WEB-1' },
            ],
          },
        ],
      },
    })
  })
})

describe('comments and work logs', () => {
  it('refuses whoever lacks the permission, in Jira’s words', async () => {
    project.withheld = { ben: ['ADD_COMMENTS', 'WORK_ON_ISSUES'] }
    const worklog = { timeSpent: '1h', started: '2026-11-22T10:00:00.000+0000' }

    expect(await post('comment', { body: 'x' })).toEqual({
      status: 400,
      json: refusal(['Ben Meyer, you do not have the permission to comment on this issue.']),
    })
    expect(await post('worklog', worklog)).toEqual({
      status: 403,
      json: refusal(['You do not have the permission to associate a worklog to this issue.']),
    })
  })

  it('refuses empty and endless texts, and everything while time tracking is off', async () => {
    expect((await post('comment', { body: ' ' })).json).toEqual(refusal([], { comment: 'Comment body can not be empty!' }))
    expect((await post('comment', { body: 'x'.repeat(32_768) })).status).toBe(400)
    expect((await post('worklog', { timeSpent: '1x' })).json).toEqual(
      refusal([], { timeLogged: 'Invalid time duration entered.' }),
    )
    jira.world.instance.timeTracking = false
    expect((await post('worklog', { timeSpent: '1h' })).json).toEqual(refusal(['Time Tracking is not enabled.']))
    expect((await call('configuration')).json).toMatchObject({ timeTrackingEnabled: false })
  })

  it('gives comments page by page, newest first when asked to, and work logs', async () => {
    for (const body of ['one', 'two', 'three']) await post('comment', { body })
    await post('worklog', { timeSpent: '1d 2h', started: '2026-11-22T10:00:00.000+0000', comment: 'c' })

    const page = await call('issue/SHOP-1/comment?startAt=1&maxResults=1&orderBy=-created')
    const worklogs = await call('issue/SHOP-1/worklog')

    expect(page.json).toMatchObject({ startAt: 1, total: 3, comments: [{ body: 'two', author: { name: 'ben' } }] })
    expect(worklogs.json).toMatchObject({ total: 1, worklogs: [{ comment: 'c', timeSpent: '1d 2h', timeSpentSeconds: 36_000 }] })
  })
})

describe('people', () => {
  const search = async (query: string) => (await call(`user/search?username=${query}`)).json as Record<string, unknown>[]

  it('finds inactive ones only when asked for', async () => {
    expect(await search('be')).toMatchObject([{ name: 'ben', active: true }])
    expect(await search('be&includeInactive=true')).toMatchObject([{ name: 'ben' }, { name: 'bea', active: false }])
    const permitted = await call('user/permission/search?username=be&permissions=ADD_COMMENTS&issueKey=SHOP-1', {
      token: 't-ann',
    })
    expect(permitted.json).toMatchObject([{ name: 'ben' }])
  })

  it('masks and hides e-mail addresses', async () => {
    jira.world.instance.emails = 'masked'
    expect(await search('ben@example')).toMatchObject([{ emailAddress: 'ben at example dot com' }])
    jira.world.instance.emails = 'hidden'
    expect(await search('ben@example')).toEqual([])
    expect((await search('ben'))[0]).not.toHaveProperty('emailAddress')
    expect((await call('myself')).json).not.toHaveProperty('emailAddress')
  })
})

describe('the Activity section of an issue’s page', () => {
  const page = async (query = '') => (await fetch(`${jira.url}/browse/SHOP-1${query}`)).text()
  const tab = (name: string) => `?page=com.atlassian.jira.plugin.system.issuetabpanels:${name}-tabpanel`

  it('shows comments, time logged and changes of the status, each on its tab', async () => {
    await post('comment', { body: 'See [a&#45;b|https://git.example.com/x#m] by [~ann] \\{x} &#60;i&#62;\n\n<b>not bold</b>' })
    await post('worklog', { timeSpent: '1d 2h 1m', started: '2026-11-22T10:00:00.000+0100', comment: '' })
    await post('transitions', { transition: { id: '41' } })

    const all = await page()
    expect(all).toContain('<strong>Ben Meyer</strong> added a comment')
    expect(all).toMatch(/<a class="external-link" href="https:\/\/git.example.com\/x#m"[^>]*>a-b<\/a>/)
    expect(all).toMatch(/<a class="user-hover" rel="ann">Ann Lee<\/a> \{x\} &lt;i&gt;/)
    expect(all).toContain('<p>&lt;b&gt;not bold&lt;/b&gt;</p>')
    expect(all).toContain('1 day, 2 hours, 1 minute')
    expect(all).toContain('datetime="2026-11-22T09:00:00.000Z"')
    expect(all).toMatch(/Status<\/td>\s*<td[^>]*>To Do<\/td>\s*<td[^>]*>Done<\/td>/)
    expect(all.indexOf('logged work')).toBeLessThan(all.indexOf('added a comment'))

    const [comments, worklogs, history] = await Promise.all(
      ['comment', 'worklog', 'changehistory'].map((name) => page(tab(name))),
    )
    expect([comments?.includes('added a comment'), comments?.includes('logged work')]).toEqual([true, false])
    expect([worklogs?.includes('logged work'), worklogs?.includes('made changes')]).toEqual([true, false])
    expect([history?.includes('made changes'), history?.includes('added a comment')]).toEqual([true, false])
  })

  it('says when there is nothing', async () => {
    expect(await page()).toContain('There are no comments yet on this issue.')
    expect(await page(tab('worklog'))).toContain('No work has yet been logged on this issue.')
  })
})
