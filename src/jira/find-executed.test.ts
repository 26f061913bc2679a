import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SmartCommand } from '../domain/smart-commit.ts'
import { executeCommand, type CommandOnIssue } from './execute-command.ts'
import { findExecuted } from './find-executed.ts'
import { asked, ATTRIBUTION, startSmartJira, type SmartJira } from './fixtures/test-smart-jira.ts'

const { signal } = new AbortController()
const comment: SmartCommand = { name: 'comment', text: 'Corrected' }
const time: SmartCommand = { name: 'time', time: '2h', text: '' }
const start: SmartCommand = { name: 'transition', transition: 'start-progress', text: 'now' }
const kinds = [
  ['comment', comment, 'Comment added'],
  ['time', time, 'Logged 2h'],
  ['transition', start, 'Status changed: now In Progress'],
  ['transition without text', { ...start, text: '' }, 'Status changed: now In Progress'],
] as const

let s: SmartJira

beforeEach(async () => {
  s = await startSmartJira()
})
afterEach(() => s.close())

describe.each([false, true])('own token: %s', (own) => {
  const ask = (command: SmartCommand, changes: Partial<CommandOnIssue> = {}) =>
    asked(command, { own, attemptedAt: new Date(), ...changes })
  const client = () => (own ? s.ann : s.bot)

  it.each(kinds)('%s: found when the call reached Jira though nobody remembers it', async (_name, command, summary) => {
    await executeCommand(client(), ask(command), signal)
    const before = s.jira.writes()

    expect(await findExecuted(client(), ask(command), signal)).toMatchObject({ kind: 'done', summary })
    expect(s.jira.writes()).toEqual(before)
  })

  it.each(kinds)('%s: not found when the call did not reach Jira', async (_name, command) => {
    s.jira.setFault('disconnected', { only: /\/(comment|worklog|transitions)$/ })
    await expect(executeCommand(client(), ask(command), signal)).rejects.toMatchObject({ code: 'connection-failed' })
    s.jira.setFault('none')

    expect(await findExecuted(client(), ask(command), signal)).toBeNull()
  })

  it('adds the comment that a break between the transition and its comment left out', async () => {
    s.jira.setFault('unavailable', { only: /\/comment$/ })
    await expect(executeCommand(client(), ask(start), signal)).rejects.toMatchObject({ code: 'jira-unavailable' })
    s.jira.setFault('none')
    expect([s.issue.status, s.issue.comments.length]).toEqual(['In Progress', 0])

    expect(await findExecuted(client(), ask(start), signal)).toMatchObject({ kind: 'done' })
    expect(s.issue.comments).toMatchObject([{ body: own ? 'now' : `now\n\n${ATTRIBUTION}` }])
  })

  it('adds it also where the same user wrote comments just before and after', async () => {
    await executeCommand(client(), ask(comment, { mark: 'before' }), signal)
    s.jira.setFault('unavailable', { only: /\/comment$/ })
    await expect(executeCommand(client(), ask(start), signal)).rejects.toMatchObject({ code: 'jira-unavailable' })
    s.jira.setFault('none')
    await executeCommand(client(), ask(comment, { mark: 'after' }), signal)

    expect(await findExecuted(client(), ask(start, { target: 'In Progress' }), signal)).toMatchObject({ kind: 'done' })
    expect(s.issue.comments.map(({ body }) => body.split('\n', 1)[0])).toEqual([comment.text, comment.text, start.text])
  })

  it('does not take what was done by others or long before for its own', async () => {
    s.issue.comments.push({ id: '1', author: 'annika', body: 'Corrected', created: new Date() })
    s.issue.comments.push({ id: '2', author: 'ann', body: 'Corrected', created: new Date('2026-11-20T09:00:00Z') })
    s.issue.worklogs.push({
      id: '3',
      author: 'annika',
      comment: '',
      started: '2026-11-20T09:30:00.000+0000',
      timeSpentSeconds: 7200,
      created: new Date(),
    })
    s.issue.status = 'In Progress'
    s.jira.world.noteChange(s.issue, [{ field: 'status', from: 'To Do', to: 'In Progress' }], 'annika')

    for (const [, command] of kinds) expect(await findExecuted(client(), ask(command), signal)).toBeNull()
  })

  it('does not take a change of status for a transition that leads elsewhere', async () => {
    await executeCommand(client(), ask({ ...start, text: '' }, { mark: 'first' }), signal)
    const second = ask({ ...start, transition: 'resolve', text: '' }, { mark: 'second' })
    s.issue.comments.length = 0

    expect(await findExecuted(client(), second, signal)).toBeNull()
    expect(await findExecuted(client(), { ...second, target: 'Done' }, signal)).toBeNull()
    // Not offered any more, but another one begins so.
    const first = ask({ ...start, transition: 'start', text: '' }, { mark: 'third' })
    expect(await findExecuted(client(), { ...first, target: 'In Progress' }, signal)).toMatchObject({ kind: 'done' })
  })

  it('finds nothing of an issue that is gone', async () => {
    s.jira.world.deleteIssue('SHOP-1')
    for (const [, command] of kinds) expect(await findExecuted(client(), ask(command), signal)).toBeNull()
  })
})

it('tells marks apart when one begins like another, and reads further pages', async () => {
  await executeCommand(s.bot, asked(comment, { mark: 'dvcs-7' }), signal)
  for (let more = 0; more < 120; more += 1) {
    s.issue.comments.push({ id: `c${more}`, author: 'ann', body: 'more', created: new Date() })
  }

  expect(await findExecuted(s.bot, asked(comment, { mark: 'dvcs-7' }), signal)).toMatchObject({ kind: 'done' })
  expect(await findExecuted(s.bot, asked(comment, { mark: 'dvcs-' }), signal)).toBeNull()
  expect(await findExecuted(s.bot, asked(comment, { mark: 'dvcs-77' }), signal)).toBeNull()
})

it('does not take the transition of another commit for its own', async () => {
  await executeCommand(s.bot, asked(start, { mark: 'first' }), signal)
  expect(await findExecuted(s.bot, asked({ ...start, transition: 'resolve', text: '' }, { mark: 'second' }), signal)).toBeNull()
})

it('takes a change by the same user to where it was to lead for its own, and adds its comment', async () => {
  await executeCommand(s.bot, asked(start, { mark: 'first' }), signal)
  const second = asked({ ...start, text: 'too' }, { mark: 'second', target: 'In Progress' })

  expect(await findExecuted(s.bot, second, signal)).toMatchObject({ kind: 'done', summary: 'Status changed: now In Progress' })
  expect(s.issue.comments.map(({ body }) => body.split('\n', 1)[0])).toEqual(['now', 'too'])
  expect(s.issue.history).toHaveLength(1)
})

it.each(kinds)('%s: what the author did with their own token is found by the connector too', async (_name, command) => {
  const attempt = { attemptedAt: new Date(), attemptedOwn: true }
  expect(await findExecuted(s.bot, asked(command, attempt), signal)).toBeNull()
  await executeCommand(s.ann, asked(command, { own: true }), signal)
  const before = s.jira.writes()

  expect(await findExecuted(s.bot, asked(command, attempt), signal)).toMatchObject({ kind: 'done' })
  expect(s.jira.writes()).toEqual(before)
})

it('throws what is wrong with Jira', async () => {
  s.jira.setFault('unavailable')
  for (const [, command] of kinds) {
    await expect(findExecuted(s.bot, asked(command), signal)).rejects.toMatchObject({ code: 'jira-unavailable' })
  }
})
