import { expect, test } from 'vitest'
import type { JiraSignInJson } from '../../../src/contract/jira-sign-in.ts'
import { describeOffer } from './sign-in-offer.ts'

const LINK = {
  address: 'https://dvcs.example.com',
  consumerKey: 'jira-dvcs-1',
  consumerName: 'DVCS connector',
  publicKey: 'PEM',
  madeAt: '2026-01-01T00:00:00.000Z',
  acceptedAt: null,
}
const SIGN_IN: JiraSignInJson = {
  choice: 'auto',
  way: null,
  jiraVersion: '8.20.30',
  client: false,
  provider: false,
  callback: 'https://dvcs.example.com/sign-in/jira/callback',
  applicationLink: null,
  steps: [],
}

test.each<[Partial<JiraSignInJson>, string, RegExp | null]>([
  [{ way: 'oauth-2' }, 'OAuth 2.0', null],
  [{ way: 'application-link' }, 'Application link', null],
  [{ choice: 'none', applicationLink: LINK }, 'Access token only', null],
  [{}, 'Access token only', /and this is 8\.20\.30: make an application link below\.$/],
  [{ choice: 'oauth-2', client: true }, 'Access token only', /and this is 8\.20\.30: choose an application link\.$/],
  [{ provider: true }, 'Access token only', /^Set jira\.oauth\.clientId .*, or make an application link below\.$/],
  [{ provider: true, choice: 'oauth-2', applicationLink: LINK }, 'Access token only', /, or choose an application link\.$/],
  [{ applicationLink: LINK }, 'Access token only', /has not accepted the key pair/],
  [{ choice: 'application-link' }, 'Access token only', /^Make a key pair below/],
])('%o is told as %s', (more, label, why) => {
  const offer = describeOffer({ ...SIGN_IN, ...more })

  expect(offer.label).toBe(label)
  if (why === null) expect(offer.why).toBeNull()
  else expect(offer.why).toMatch(why)
})
