import { expect, test } from 'vitest'
import { TRIGGER_EVENTS } from '../../../src/domain/trigger.ts'
import { COMMENT_PLACEHOLDERS, findUnknownPlaceholders as findUnknownOfConnector } from '../../../src/domain/trigger-comment.ts'
import { NEW_TRIGGER, toSettings, type TriggerForm } from './trigger-form.ts'
import { describeRule, EVENTS, findUnknownPlaceholders, nameHappened, PLACEHOLDERS } from './trigger-words.ts'

const describe = (form: Partial<TriggerForm>) => describeRule(toSettings({ ...NEW_TRIGGER, ...form }))

test.each<[Partial<TriggerForm>, string]>([
  [{ event: 'branch-created', transition: 'Start progress' }, 'When a branch is created, move the issue to “Start progress”.'],
  [
    { targetBranches: 'main', repositories: 'acme/*', transition: 'Done' },
    'When a pull request is merged into main in acme/*, move the issue to “Done”.',
  ],
  [
    { event: 'commit-created', projects: 'shop, pay', statuses: 'To Do\nOpen\nNew', transition: 'Start', comment: 'x' },
    'When a commit is created and the issue is of project SHOP or PAY and in status “To Do”, “Open” or “New”, move it to “Start” and add a comment.',
  ],
  [
    { event: 'build-failed', branches: 'main', jql: 'labels = ci', comment: 'x' },
    'When a build fails on main and the issue is found by its JQL, comment on it.',
  ],
  [
    { event: 'deployment-succeeded', environments: 'production', issueTypes: 'Bug', transition: 'Close' },
    'When a deployment to production succeeds and the issue is of type “Bug”, move it to “Close”.',
  ],
])('%o reads as a sentence', (form, sentence) => {
  expect(describe(form)).toBe(sentence)
})

test('accounts are called by their names', () => {
  const settings = toSettings({ ...NEW_TRIGGER, accounts: ['acme'], transition: 'Done' })

  expect(describeRule(settings, () => 'Acme GitLab')).toContain('of account Acme GitLab')
})

test('events and placeholders are those of the connector', () => {
  expect(EVENTS).toEqual(TRIGGER_EVENTS)
  expect(PLACEHOLDERS.map(({ name }) => name)).toEqual(COMMENT_PLACEHOLDERS)
})

test.each(['${issue} by ${author}', '${nothing} and ${nothing}', '${}', '$issue', '${issue'])(
  'placeholders of "%s" are judged as the connector does',
  (template) => {
    expect(findUnknownPlaceholders(template)).toEqual(findUnknownOfConnector(template))
  },
)

test('what happened is named as its people know it', () => {
  const happened = { at: '', repository: 'acme/shop', repositoryId: '1', url: null, title: 'Add vouchers' }

  expect(nameHappened({ ...happened, event: 'pull-request-merged', subject: '12' })).toBe('#12 Add vouchers')
  expect(nameHappened({ ...happened, event: 'commit-created', subject: 'a1b2c3d4e5' })).toBe('a1b2c3d Add vouchers')
  expect(nameHappened({ ...happened, event: 'branch-created', subject: 'main', title: '' })).toBe('main')
})
