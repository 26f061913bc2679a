import { expect, test } from 'vitest'
import { triggerSettingsSchema, type TriggerJson } from '../../../src/contract/trigger.ts'
import { ApiError } from '../../ui/api.ts'
import { findErrors, findRefused, NEW_TRIGGER, settingsOf, TEMPLATES, toForm, toSettings, toTrial } from './trigger-form.ts'

const RULE: TriggerJson = {
  id: '7',
  name: 'Done',
  enabled: true,
  event: 'pull-request-merged',
  conditions: {
    accounts: ['acme'],
    repositories: ['acme/*', 'other/**'],
    projects: ['SHOP', 'PAY'],
    branches: ['feature/**'],
    targetBranches: ['main'],
    environments: [],
    issueTypes: ['Bug'],
    statuses: ['In Progress'],
    jql: 'labels = backend',
  },
  transition: 'Done',
  comment: 'Merged: ${title}',
  changedBy: 'ada',
  changedAt: '2026-01-01T00:00:00.000Z',
}

test('a rule that nobody changed is sent as it is stored', () => {
  expect(toSettings(toForm(RULE))).toEqual(settingsOf(RULE))
})

test('conditions that are not shown for the event are not sent', () => {
  const form = { ...toForm(RULE), event: 'commit-created' as const, environments: 'production' }

  expect(toSettings(form).conditions).toMatchObject({
    branches: [],
    targetBranches: [],
    environments: [],
    projects: ['SHOP', 'PAY'],
  })
})

test.each(TEMPLATES)('the template $id is complete, and the connector takes it', ({ form }) => {
  expect(findErrors(form)).toEqual({})
  expect(triggerSettingsSchema.parse(toSettings(form))).toEqual(toSettings(form))
})

test('what is missing or means nothing is said at its field', () => {
  expect(findErrors(NEW_TRIGGER)).toMatchObject({
    name: 'This field is required.',
    transition: expect.stringContaining('must do'),
  })
  expect(findErrors({ ...NEW_TRIGGER, name: 'x', comment: '${what}', projects: 'a-b' })).toEqual({
    comment: '${what} means nothing here.',
    projects: '“A-B” is not a project key such as SHOP.',
  })
})

test('a rule without a name can be tried', () => {
  const form = { ...NEW_TRIGGER, transition: 'Done' }

  expect(findErrors(form, { isTrial: true })).toEqual({})
  expect(triggerSettingsSchema.safeParse(toTrial(form)).success).toBe(true)
})

const refusal = (code: string, errors: readonly { field: string; message: string }[] = []) =>
  new ApiError('Jira does not understand the query.', {
    code,
    status: 400,
    remedy: null,
    problem: {
      type: 'about:blank',
      title: '',
      status: 400,
      detail: '',
      code,
      remedy: null,
      requestId: 'r',
      errors: errors.map((error) => ({ in: 'body', ...error })),
    },
  })

test('what the connector refuses stands at its field', () => {
  const error = refusal('request-invalid', [
    { field: 'conditions.branches.0', message: 'is too long' },
    { field: 'name', message: 'must not contain control characters' },
  ])

  expect(findRefused(error)).toEqual({
    branches: 'is too long',
    name: 'must not contain control characters',
  })
})

test.each([
  ['conditions.jql', 'jql'],
  ['conditions.accounts.1', 'accounts'],
  ['comment', 'comment'],
  ['transition', 'transition'],
])('a rule that cannot be used for its %s is said at that field', (field, name) => {
  const error = refusal('trigger-invalid', [{ field, message: 'It is not so.' }])

  expect(findRefused(error)).toEqual({ [name]: 'It is not so.' })
})
