import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSmartJira, type SmartJira } from './fixtures/test-smart-jira.ts'
import { resolveAuthor } from './resolve-author.ts'

const { signal } = new AbortController()
const person = (name: string, displayName: string, emailAddress: string, active = true) => ({
  name,
  displayName,
  emailAddress,
  active,
})

let s: SmartJira

beforeEach(async () => {
  s = await startSmartJira([
    { ...person('bot', 'Bot', 'bot@example.com'), administrator: true, tokens: [{ token: 'bot-token' }] },
    person('ann', 'Ann Cole', 'Ann@Example.com'),
    person('annika', 'Annika', 'ann@example.community'),
    person('ben', 'Ben One', 'ben@example.com'),
    person('benjamin', 'Ben Two', 'ben@example.com'),
    person('ben-old', 'Ben Old', 'ben@example.com', false),
    person('dan', 'Dan', 'dan@example.com', false),
    person('eve1', 'Eve', 'eve@example.com'),
    person('eve2', 'Eve', 'eve@example.com'),
    ...Array.from({ length: 150 }, (_, index) => person(`many${index}`, 'Many', `many@example.com${index === 149 ? '' : '.au'}`)),
  ])
})
afterEach(() => s.close())

const resolve = (email: string, name = 'Somebody') => resolveAuthor(s.bot, { name, email }, signal)

describe('resolveAuthor', () => {
  it.each([
    ['ann@example.com', 'Somebody', 'ann'],
    [' ANN@EXAMPLE.COM ', 'Somebody', 'ann'],
    ['ben@example.com', 'BEN', 'ben'],
    ['ben@example.com', 'ben two ', 'benjamin'],
    ['many@example.com', 'Somebody', 'many149'],
  ])('%j of %j is %s', async (email, name, user) => {
    expect(await resolve(email, name)).toMatchObject({ kind: 'found', user: { name: user, userKey: user, active: true } })
  })

  it.each([
    [
      '',
      'Ann Cole',
      'smart-commit-author-without-email',
      'The author of the commit, Ann Cole, has no e-mail address, so nobody in Jira can be found for it.',
      'Set the address that Jira has with git config user.email.',
    ],
    [
      'ann',
      '',
      'smart-commit-author-without-email',
      'The author of the commit, without a name, has "ann" instead of an e-mail address, so nobody in Jira can be found for it.',
      'Set the address that Jira has with git config user.email.',
    ],
    [
      'nobody@example.com',
      'No\n\u202EBody',
      'smart-commit-author-unknown',
      "No Jira user has the e-mail address nobody@example.com of the commit's author No Body.",
      "Use the same address in Jira (Profile) and in Git (git config user.email); the connector's user needs Browse Users.",
    ],
    [
      'ben@example.com',
      'Ben Old',
      'smart-commit-author-ambiguous',
      '2 active Jira users have the e-mail address ben@example.com: ben, benjamin.',
      'Deactivate those that are not used, or set git config user.name to the user name or full name of one: it is "Ben Old" in this commit.',
    ],
    [
      'eve@example.com',
      'Eve',
      'smart-commit-author-ambiguous',
      '2 active Jira users have the e-mail address eve@example.com: eve1, eve2.',
      'Deactivate those that are not used, or set git config user.name to the user name or full name of one: it is "Eve" in this commit.',
    ],
    [
      'dan@example.com',
      'Dan',
      'smart-commit-author-inactive',
      'The Jira user dan with the e-mail address dan@example.com is inactive.',
      'A Jira administrator activates the user, or the author uses the address of an active one in Git.',
    ],
  ])('%j of %j is nobody: %s', async (email, name, code, message, remedy) => {
    expect(await resolve(email, name)).toEqual({ kind: 'failed', problem: { code, message, remedy } })
  })

  it.each(['hidden', 'masked'] as const)('notices that e-mail addresses are %s', async (emails) => {
    s.jira.world.instance.emails = emails

    expect(await resolve('ann@example.com')).toEqual({
      kind: 'failed',
      problem: {
        code: 'smart-commit-emails-hidden',
        message: "Jira does not show e-mail addresses to the connector's user, so nobody can be found by ann@example.com.",
        remedy:
          'A Jira administrator sets "User email visibility" to "Public" or "Logged in users only" (System > General configuration).',
      },
    })
  })

  it('throws what is wrong with Jira', async () => {
    s.jira.setFault('unavailable')
    await expect(resolve('ann@example.com')).rejects.toMatchObject({ code: 'jira-unavailable' })
  })
})
