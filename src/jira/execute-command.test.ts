import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SmartCommand } from '../domain/smart-commit.ts'
import type { SandboxTransition } from '../sandbox/jira/types.ts'
import { executeCommand } from './execute-command.ts'
import { asked, ATTRIBUTION, startSmartJira, type SmartJira } from './fixtures/test-smart-jira.ts'

const { signal } = new AbortController()
const comment: SmartCommand = { name: 'comment', text: 'Corrected *indent*, see [~ben]' }
const time: SmartCommand = { name: 'time', time: '1d2h  30m', text: ': Refactoring' }
const transition = (name: string, text = ''): SmartCommand => ({ name: 'transition', transition: name, text })

const resolve: SandboxTransition = { id: '5', name: 'Resolve Issue', to: 'Done', screen: {} }
const start: SandboxTransition = { id: '4', name: 'Start Progress', to: 'In Progress' }
const stop: SandboxTransition = { id: '6', name: 'Stop Progress', to: 'To Do', from: ['To Do'] }

let s: SmartJira

beforeEach(async () => {
  s = await startSmartJira()
})
afterEach(() => s.close())

describe('what is done', () => {
  it('adds a comment with the author’s text as it is and a line that says whose it is', async () => {
    const outcome = await executeCommand(s.bot, asked(comment), signal)

    expect(outcome).toEqual({ kind: 'done', summary: 'Comment added', jiraId: s.issue.comments[0]?.id })
    expect(s.issue.comments).toMatchObject([{ author: 'dvcs-bot', body: `Corrected *indent*, see [~ben]\n\n${ATTRIBUTION}` }])
  })

  it('leaves out of a text what no database keeps', async () => {
    await executeCommand(s.bot, asked({ name: 'comment', text: 'a\0b\rc\td\ud83d 🚀' }), signal)
    expect(s.issue.comments).toMatchObject([{ body: `abc\td\ufffd 🚀\n\n${ATTRIBUTION}` }])
  })

  it('logs work at the time of the commit, on the clock of its author', async () => {
    const outcome = await executeCommand(s.bot, asked(time), signal)

    expect(outcome).toEqual({ kind: 'done', summary: 'Logged 1d 2h 30m', jiraId: s.issue.worklogs[0]?.id })
    expect(s.issue.worklogs).toMatchObject([
      {
        comment: `Refactoring\n\n${ATTRIBUTION}`,
        started: '2026-11-20T10:30:00.000+0100',
        timeSpentSeconds: (8 + 2.5) * 3600,
      },
    ])
    expect(s.jira.requests().at(-1)?.query).toBe('?adjustEstimate=auto')
  })

  it('puts the comment into the transition where its screen has one', async () => {
    s.project.transitions = [resolve, start]

    const outcome = await executeCommand(s.bot, asked(transition('resolve', 'fixed')), signal)

    expect(outcome).toEqual({ kind: 'done', summary: 'Resolve Issue: now Done', jiraId: null })
    expect(s.issue.status).toBe('Done')
    expect(s.issue.comments).toMatchObject([{ body: `fixed\n\n${ATTRIBUTION}` }])
    expect(s.jira.writes()).toMatchObject({ transitions: 1, comments: 0 })
  })

  it.each([
    ['without a screen', undefined],
    ['with a screen without the comment field', { comment: false }],
  ])('adds the comment behind a transition %s', async (_name, screen) => {
    s.project.transitions = [screen === undefined ? start : { ...start, screen }]

    const outcome = await executeCommand(s.bot, asked(transition('Start-progress')), signal)

    expect(outcome).toEqual({ kind: 'done', summary: 'Start Progress: now In Progress', jiraId: null })
    expect(s.issue.status).toBe('In Progress')
    expect(s.issue.comments).toMatchObject([{ body: ATTRIBUTION }])
    expect(s.jira.writes()).toMatchObject({ transitions: 1, comments: 1 })
  })

  it('says what became of the comment when only the transition was taken', async () => {
    s.project.transitions = [start]
    s.project.withheld = { 'dvcs-bot': ['ADD_COMMENTS'] }

    const outcome = await executeCommand(s.bot, asked(transition('start', 'now')), signal)

    expect(outcome).toMatchObject({
      kind: 'done',
      summary:
        "Start Progress: now In Progress; its comment was not added: The connector's user may not comment on issue SHOP-1 in Jira.",
    })
  })

  it('acts with the author’s own token as the author, without a line, and asks no permission', async () => {
    s.project.transitions = [start]
    for (const command of [comment, time, transition('start', 'now'), transition('start-progress')]) {
      s.issue.status = 'To Do'
      expect(await executeCommand(s.ann, asked(command, { own: true }), signal)).toMatchObject({ kind: 'done' })
    }

    expect(s.issue.comments).toMatchObject([
      { author: 'ann', body: 'Corrected *indent*, see [~ben]' },
      { author: 'ann', body: 'now' },
    ])
    expect(s.issue.worklogs).toMatchObject([{ author: 'ann', comment: 'Refactoring' }])
    expect(s.issue.history).toMatchObject([{ author: 'ann' }, { author: 'ann' }])
    expect(s.jira.requests().map(({ path }) => path)).not.toContain('/rest/api/2/user/permission/search')
  })

  it('acts on the issue, whatever it is called', async () => {
    s.jira.world.moveIssue('SHOP-1', 'WEB')
    for (const command of [comment, time, transition('resolve')]) {
      expect(await executeCommand(s.bot, asked(command), signal)).toMatchObject({ kind: 'done' })
    }
    expect(s.issue.key).toBe('WEB-1')
    expect(s.issue.status).toBe('Done')
  })

  it('does what only the required fields with a default stand before', async () => {
    const fields = [{ id: 'resolution', name: 'Resolution', required: true, hasDefaultValue: true }]
    s.project.transitions = [{ ...resolve, screen: { fields } }]
    expect(await executeCommand(s.bot, asked(transition('resolve')), signal)).toMatchObject({ kind: 'done' })
  })
})

interface Refusal {
  readonly name: string
  readonly command: SmartCommand
  readonly own?: boolean
  readonly given?: () => void
  readonly code: string
  readonly message: string
  readonly remedy: string
}

const permissionRemedy = (name: string) =>
  `It takes the permission "${name}" in the issue's project, which a Jira administrator gives.`
const withhold = (name: string, permission: string) => () => {
  s.project.withheld = { [name]: [permission] }
}

const refusals: readonly Refusal[] = [
  {
    name: 'an empty comment',
    command: { name: 'comment', text: ' ' },
    code: 'smart-commit-comment-empty',
    message: '#comment has no text.',
    remedy: 'Write it behind #comment in the same line: it ends at the next issue key, the next command and the end of the line.',
  },
  {
    name: 'a doubtful time',
    command: { name: 'time', time: null, text: '1.5h fix' },
    code: 'smart-commit-time-invalid',
    message: '"1.5h" is not read as a time: a time is whole numbers, each directly before w, d, h or m.',
    remedy: 'If you mean 1h 30m, write #time 1h 30m.',
  },
  {
    name: 'a deleted issue',
    command: comment,
    given: () => s.jira.world.deleteIssue('SHOP-1'),
    code: 'smart-commit-issue-missing',
    message: 'Issue SHOP-1 has not been found in Jira.',
    remedy:
      "Check the key; the issue may have been deleted. If it is there, give the connector's user Browse Projects and access to its security level.",
  },
  {
    name: 'a deleted issue, own token',
    command: transition('start'),
    own: true,
    given: () => s.jira.world.deleteIssue('SHOP-1'),
    code: 'smart-commit-issue-missing',
    message: 'Issue SHOP-1 has not been found in Jira.',
    remedy: 'Check the key; the issue may have been deleted.',
  },
  {
    name: 'an author who may not see the issue',
    command: comment,
    given: withhold('ann', 'BROWSE_PROJECTS'),
    code: 'smart-commit-permission-missing',
    message: 'Ann Cole may not see issue SHOP-1 in Jira.',
    remedy: permissionRemedy('Browse Projects'),
  },
  {
    name: 'an author who may not comment',
    command: comment,
    given: withhold('ann', 'ADD_COMMENTS'),
    code: 'smart-commit-permission-missing',
    message: 'Ann Cole may not comment on issue SHOP-1 in Jira.',
    remedy: permissionRemedy('Add Comments'),
  },
  {
    name: 'an author who may not comment, with a transition’s text',
    command: transition('start', 'now'),
    given: withhold('ann', 'ADD_COMMENTS'),
    code: 'smart-commit-permission-missing',
    message: 'Ann Cole may not comment on issue SHOP-1 in Jira.',
    remedy: permissionRemedy('Add Comments'),
  },
  {
    name: 'an author who may not log work',
    command: time,
    given: withhold('ann', 'WORK_ON_ISSUES'),
    code: 'smart-commit-permission-missing',
    message: 'Ann Cole may not log work on issue SHOP-1 in Jira.',
    remedy: permissionRemedy('Work On Issues'),
  },
  {
    name: 'an author who may not change the status',
    command: transition('start'),
    given: withhold('ann', 'TRANSITION_ISSUES'),
    code: 'smart-commit-permission-missing',
    message: 'Ann Cole may not change the status of issue SHOP-1 in Jira.',
    remedy: permissionRemedy('Transition Issues'),
  },
  ...(
    [
      [comment, 'ADD_COMMENTS', 'comment on', 'Add Comments'],
      [time, 'WORK_ON_ISSUES', 'log work on', 'Work On Issues'],
      [transition('start'), 'TRANSITION_ISSUES', 'change the status of', 'Transition Issues'],
    ] as const
  ).flatMap(([command, permission, doing, called]) => [
    {
      name: `own token, ${permission}`,
      command,
      own: true,
      given: withhold('ann', permission),
      code: 'smart-commit-permission-missing',
      message: `Ann Cole may not ${doing} issue SHOP-1 in Jira.`,
      remedy: permissionRemedy(called),
    },
    {
      name: `the connector’s user, ${permission}`,
      command,
      given: withhold('dvcs-bot', permission),
      code: 'smart-commit-connector-permission',
      message: `The connector's user may not ${doing} issue SHOP-1 in Jira.`,
      remedy: `Give the connector's user "${called}" in the permission scheme of the issue's project.`,
    },
  ]),
  ...[false, true].map((own) => ({
    name: `time tracking is off, own token ${own}`,
    command: time,
    own,
    given: () => {
      s.jira.world.instance.timeTracking = false
    },
    code: 'smart-commit-time-tracking-off',
    message: 'Time tracking is switched off in this Jira, so no work can be logged.',
    remedy: 'A Jira administrator switches it on under System > Issue features > Time tracking.',
  })),
  {
    name: 'a name that no transition has',
    command: transition('fff'),
    given: () => {
      s.project.transitions = [start, { ...resolve, name: '2. Done' }, { ...stop, onlyFor: ['ann'] }]
    },
    code: 'smart-commit-transition-unknown',
    message: 'No transition of issue SHOP-1, which is in status To Do, has a name that begins with "fff".',
    remedy: 'Valid there: Start Progress (#start-progress), 2. Done.',
  },
  {
    name: 'a transition to where the issue is',
    command: transition('to-do'),
    given: () => {
      s.project.transitions = [start, { id: '9', name: 'To Do', to: 'To Do' }]
    },
    code: 'smart-commit-transition-unknown',
    message: 'No transition of issue SHOP-1, which is in status To Do, has a name that begins with "to do".',
    remedy: 'Valid there: Start Progress (#start-progress).',
  },
  {
    name: 'a beginning that several share',
    command: transition('st'),
    given: () => {
      s.project.transitions = [start, stop, resolve]
    },
    code: 'smart-commit-transition-ambiguous',
    message: '"st" fits more than one transition of issue SHOP-1.',
    remedy: 'Write one of these: Start Progress (#start-progress), Stop Progress (#stop-progress).',
  },
  {
    name: 'a name that two transitions have',
    command: transition('start-progress'),
    given: () => {
      s.project.transitions = [start, { ...start, id: '7', to: 'In Review' }]
    },
    code: 'smart-commit-transition-ambiguous',
    message: '"start-progress" fits more than one transition of issue SHOP-1.',
    remedy:
      'No command tells these apart: Start Progress, Start Progress. Do it in Jira, or let a Jira administrator rename one.',
  },
  {
    name: 'a workflow that ends there',
    command: transition('start'),
    given: () => {
      s.project.transitions = []
    },
    code: 'smart-commit-no-transitions',
    message: "No transition of issue SHOP-1, which is in status To Do, is valid for the connector's user now.",
    remedy: "The workflow of its project allows none from there, or its conditions exclude the connector's user.",
  },
  {
    name: 'a condition of the workflow, own token',
    command: transition('start'),
    own: true,
    given: () => {
      s.project.transitions = [{ ...start, onlyFor: ['dvcs-bot'] }]
    },
    code: 'smart-commit-no-transitions',
    message: 'No transition of issue SHOP-1, which is in status To Do, is valid for Ann Cole now.',
    remedy: 'The workflow of its project allows none from there, or its conditions exclude Ann Cole.',
  },
  {
    name: 'required fields',
    command: transition('resolve', 'fixed'),
    given: () => {
      const fields = [
        { id: 'resolution', name: 'Resolution', required: true },
        { id: 'fixVersions', name: 'Fix Version/s', required: true },
        { id: 'labels', name: 'Labels', required: false },
      ]
      s.project.transitions = [{ ...resolve, screen: { fields } }]
    },
    code: 'smart-commit-fields-required',
    message: 'Transition "Resolve Issue" of issue SHOP-1 asks for Resolution, Fix Version/s, which a commit cannot give.',
    remedy: 'Do it in Jira, or let a Jira administrator make the fields optional on the screen of the transition.',
  },
]

describe('what is refused is told, and nothing is changed', () => {
  it.each(refusals)('$name', async ({ command, own = false, given, code, message, remedy }) => {
    given?.()
    const outcome = await executeCommand(own ? s.ann : s.bot, asked(command, { own }), signal)

    expect(outcome).toEqual({ kind: 'failed', problem: { code, message, remedy } })
    expect(s.issue).toMatchObject({ status: 'To Do', comments: [], worklogs: [] })
  })

  it('does nothing when Jira does not tell the connector what the author may do', async () => {
    const outcome = await executeCommand(s.clientOf('annika-token'), asked(comment), signal)

    expect(outcome).toEqual({
      kind: 'failed',
      problem: {
        code: 'smart-commit-permission-unknown',
        message: 'Jira does not tell the connector what Ann Cole may do to issue SHOP-1, so nothing was done.',
        remedy: "Give the connector's user Administer Projects in the issue's project (or Jira administrator rights).",
      },
    })
    expect(s.jira.writes().comments).toBe(0)
  })

  it('asks for exactly this user, not for one whose name begins alike', async () => {
    s.project.withheld = { ann: ['ADD_COMMENTS'] }
    const outcome = await executeCommand(s.bot, asked(comment), signal)
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'smart-commit-permission-missing' } })
  })

  it('gives Jira’s own words for what nothing else explains', async () => {
    const outcome = await executeCommand(s.bot, asked({ name: 'comment', text: 'x'.repeat(40_000) }), signal)

    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'jira-refused' } })
    expect(JSON.stringify(outcome)).toContain(
      'comment: The entered text is too long. It exceeds the allowed limit of 32767 characters',
    )
  })

  it('tells of an issue that is gone by its key', async () => {
    const outcome = await executeCommand(s.bot, asked(comment, { issue: { id: '999999', key: 'UTF-8' } }), signal)
    expect(outcome).toMatchObject({ problem: { message: 'Issue UTF-8 has not been found in Jira.' } })
  })
})

describe('what is wrong with Jira is thrown, for another time', () => {
  it.each([
    ['unavailable', 'jira-unavailable'],
    ['read-only', 'jira-read-only'],
    ['login-page', 'jira-unexpected-answer'],
    ['disconnected', 'connection-failed'],
  ] as const)('%s', async (fault, code) => {
    s.jira.setFault(fault)
    for (const command of [comment, time, transition('start-progress')]) {
      await expect(executeCommand(s.bot, asked(command), signal)).rejects.toMatchObject({ code })
    }
  })

  it('credentials', async () => {
    const call = executeCommand(s.clientOf('wrong'), asked(comment, { own: true }), signal)
    await expect(call).rejects.toMatchObject({ code: 'jira-anonymous' })
  })
})
