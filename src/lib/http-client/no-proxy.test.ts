import { expect, it } from 'vitest'
import { bypassesProxy } from './no-proxy.ts'

it.each([
  ['https://gitlab.example.com', '', false],
  ['https://gitlab.example.com', 'other.example.com, example.com', true],
  ['https://gitlab.example.com', '.example.com', true],
  ['https://gitlab.example.com', '*.example.com', true],
  ['https://notexample.com', 'example.com', false],
  ['https://gitlab.example.com', 'GitLab.Example.Com', true],
  ['https://gitlab.example.com', 'gitlab.example.com:443', true],
  ['https://gitlab.example.com:8443', 'gitlab.example.com:443', false],
  ['http://10.1.2.3', '10.0.0.0/8', true],
  ['http://11.1.2.3', '10.0.0.0/8', false],
  ['http://10.1.2.3', '10.0.0.0/99', false],
  ['http://[::1]:90', '::1', true],
  ['http://[::1]:90', '[::1]', true],
  ['http://[fd00::5]', 'fd00::/8', true],
  ['https://anything.example.org', '*', true],
])('%s with "%s": %s', (url, noProxy, expected) => {
  expect(bypassesProxy(new URL(url), noProxy)).toBe(expected)
})
