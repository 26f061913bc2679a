import { expect, test } from 'vitest'
import { toHosts, toPanelHtml } from './panel-html.ts'

test('the element tells the connector and the hosts, and nothing else', () => {
  const html = toPanelHtml({
    serverUrl: 'https://dvcs.example.com/connector/',
    hosts: ['https://b.example', 'https://a.example'],
  })

  expect(html).toBe(
    '<div class="jira-dvcs-panel" data-jira-dvcs-panel data-base="https://dvcs.example.com/connector" data-hosts="https://a.example https://b.example"></div>\n',
  )
})

test('without an account no host is known', () => {
  expect(toPanelHtml({ serverUrl: 'https://dvcs.example.com', hosts: [] })).toContain(' data-hosts="">')
})

test.each([
  ['HTTPS://GitLab.Example.com:443/', 'https://gitlab.example.com'],
  ['https://gitlab.example.com/gitlab/', 'https://gitlab.example.com/gitlab'],
  ['http://gïtlab.example.com:8080', 'http://xn--gtlab-cta.example.com:8080'],
  ['http://[0::1]/', 'http://[::1]'],
  ['https://gitlab.example.com/a b/?token=secret#part', 'https://gitlab.example.com/a%20b'],
])('the host %s is packed as %s', (address, packed) => {
  expect(toHosts([address])).toEqual([packed])
})

test.each([
  'https://name:word@gitlab.example.com',
  'javascript:alert(1)',
  'ftp://gitlab.example.com',
  '//gitlab.example.com',
  'x',
  '',
])('no host is %j', (address) => {
  expect(toHosts([address])).toEqual([])
})

test('what could end an attribute is escaped', () => {
  const html = toPanelHtml({ serverUrl: 'https://dvcs.example.com', hosts: [`https://a"b/it's&amp;`] })

  expect(html).toContain(`data-hosts="https://a&quot;b/it&#39;s&amp;amp;"></div>`)
})
