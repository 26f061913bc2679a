import { expect, test } from 'vitest'
import type { JiraJson } from '../../../src/contract/jira-connection.ts'
import { emptyFields, toChange, toCheckRequest } from './jira-fields.ts'

const NONE: JiraJson = {
  managedBy: null,
  url: null,
  auth: null,
  user: null,
  version: null,
  property: null,
  delivery: [],
  webhooks: null,
  projects: 0,
  state: null,
  problem: null,
  connectedBy: null,
  connectedAt: null,
}

test('credentials that were not typed are not sent: the stored ones stay', () => {
  const fields = emptyFields({ ...NONE, url: 'https://jira.example.com', auth: 'token' })

  expect(toCheckRequest(fields)).toEqual({ url: 'https://jira.example.com', delivery: ['property'] })
})

test('only the chosen way to sign in is sent', () => {
  const fields = { ...emptyFields(NONE), url: ' https://jira.example.com ', token: 't', username: 'u', password: ' p ' }

  expect(toCheckRequest(fields)).toMatchObject({ url: 'https://jira.example.com', token: 't' })
  expect(toCheckRequest(fields)).not.toHaveProperty('password')
  expect(toCheckRequest({ ...fields, way: 'password' })).toMatchObject({ username: 'u', password: ' p ' })
  expect(toCheckRequest({ ...fields, way: 'password' })).not.toHaveProperty('token')
})

test('the detail of single projects survives a change of the others', () => {
  const fields = emptyFields({ ...NONE, property: { others: 'full', projects: { SECRET: 'counts' } } })

  expect(toChange({ ...fields, detail: 'titles' }).property).toEqual({ others: 'titles', projects: { SECRET: 'counts' } })
})
