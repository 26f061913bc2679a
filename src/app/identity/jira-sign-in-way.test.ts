import { expect, test } from 'vitest'
import { chooseWay, type JiraSignInChoice } from './jira-sign-in-way.ts'

const cases: readonly [JiraSignInChoice, string | null, string, string | null][] = [
  ['auto', '10.3.5', 'client', 'oauth-2'],
  ['auto', '8.22.0', 'client', 'oauth-2'],
  ['auto', '8.22', 'client link', 'oauth-2'],
  ['auto', null, 'client link', 'oauth-2'],
  ['auto', 'a version of its own', 'client', 'oauth-2'],
  // It has no OAuth 2.0, whatever is configured.
  ['auto', '8.21.1', 'client', null],
  ['auto', '8.20.30', 'client link', 'application-link'],
  ['auto', '8.14.0', 'link', 'application-link'],
  ['auto', '8.14.0', '', null],
  // Upgraded, and nobody configured a client since.
  ['auto', '9.12.4', 'link', 'application-link'],
  ['application-link', '10.3.5', 'client link', 'application-link'],
  ['application-link', '8.20.30', 'client', null],
  ['oauth-2', '10.3.5', 'client link', 'oauth-2'],
  ['oauth-2', '10.3.5', 'link', null],
  ['oauth-2', '8.20.30', 'client link', null],
  ['none', '10.3.5', 'client link', null],
]

test.each(cases)('%s at Jira %s with "%s" set up: %s', (choice, version, setUp, way) => {
  const has = (part: string) => setUp.split(' ').includes(part)
  expect(chooseWay({ choice, version, hasClient: has('client'), hasLink: has('link') })).toBe(way)
})
