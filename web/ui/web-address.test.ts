import { expect, test } from 'vitest'
import { isWebAddress } from './web-address.ts'

test.each(['https://gitlab.com/acme/shop', 'http://git.example.com:8080/', 'HTTPS://GITLAB.COM'])('%s may be linked', (text) => {
  expect(isWebAddress(text)).toBe(true)
})

test.each(['javascript:alert(1)', ' https://a', 'data:text/html,x', '//evil.example', 'https://', 'https://%', '/accounts', ''])(
  '%s is shown as text',
  (text) => {
    expect(isWebAddress(text)).toBe(false)
  },
)
