import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FLUSH_PACKET, toPacket } from './pkt-line.ts'
import { listRemoteRefs } from './protocol.ts'
import { commit, line, soon, startTestHost, type TestHost } from './test-host.ts'

let host: TestHost
beforeEach(async () => {
  host = await startTestHost()
})
afterEach(() => host.close())

const list = (...prefixes: string[]) => listRemoteRefs({ http: host.http, remote: host.remote, prefixes, signal: soon() })
const hash = 'a'.repeat(40)
const service = toPacket('# service=git-upload-pack\n') + FLUSH_PACKET
const second =
  service + ['version 2\n', 'agent=git/9\n', 'ls-refs=unborn\n', 'fetch=shallow filter\n'].map(toPacket).join('') + FLUSH_PACKET

/** Answers the advertisement and the listing with these bodies. */
function answer(advertisement: string, listing = FLUSH_PACKET, types = ['advertisement', 'result']) {
  host.settings.fault = (request, response: ServerResponse) => {
    const first = request.method === 'GET'
    response.setHeader('content-type', `application/x-git-upload-pack-${types[first ? 0 : 1]}`)
    return Boolean(response.end(first ? advertisement : listing))
  }
}

it('lists the refs of the prefixes and nothing else, and what the server can do', async () => {
  const marks = await host.import(
    ...line(3),
    { kind: 'ref', ref: 'refs/tags/v1', to: 1 },
    commit(4, [1], { ref: 'refs/merge-requests/7/head' }),
  )

  const listed = await list('refs/heads/', 'refs/merge-requests/7/head')

  expect(listed.supportsFilter).toBe(true)
  expect(listed.objectFormat).toBe('sha1')
  expect([...listed.refs]).toEqual([
    ['refs/heads/main', marks.get(3)],
    ['refs/merge-requests/7/head', marks.get(4)],
  ])
  expect(host.requests).toEqual(['GET /acme/shop.git/info/refs?service=git-upload-pack', 'POST /acme/shop.git/git-upload-pack'])
})

it('lists an empty repository', async () => {
  host.settings.filter = false

  expect(await list('refs/heads/')).toEqual({ supportsFilter: false, objectFormat: 'sha1', refs: new Map(), unusable: 0 })
})

it('lists a SHA-256 repository', async () => {
  await host.close()
  host = await startTestHost('sha256')
  const marks = await host.import(...line(2))

  const listed = await list('refs/heads/')

  expect(listed).toEqual({
    supportsFilter: true,
    objectFormat: 'sha256',
    refs: new Map([['refs/heads/main', marks.get(2)]]),
    unusable: 0,
  })
})

it('sends the credentials at once', async () => {
  host.settings.authorization = 'Basic abcd'

  await listRemoteRefs({
    http: host.http,
    remote: { ...host.remote, authorization: 'Basic abcd' },
    prefixes: ['refs/heads/'],
    signal: soon(),
  })

  expect(host.requests).toHaveLength(2)
})

describe('servers of older protocols', () => {
  it.each(['', toPacket('version 1\n')])('are read from their advertisement (%j)', async (version) => {
    const lines = [
      `${hash} HEAD\0multi_ack filter object-format=sha1 agent=git/2.1\n`,
      `${hash} refs/heads/main\n`,
      `${hash} refs/tags/v1\n`,
      `${hash} refs/tags/v1^{}\n`,
    ]
    answer(service + version + lines.map(toPacket).join('') + FLUSH_PACKET)

    expect(await list('refs/heads/')).toEqual({
      supportsFilter: true,
      objectFormat: 'sha1',
      refs: new Map([['refs/heads/main', hash]]),
      unusable: 0,
    })
  })

  it('may be empty', async () => {
    answer(service + toPacket(`${'0'.repeat(40)} capabilities^{}\0multi_ack agent=git/2.1\n`) + FLUSH_PACKET)

    expect(await list('refs/heads/')).toEqual({ supportsFilter: false, objectFormat: 'sha1', refs: new Map(), unusable: 0 })
  })
})

it('drops what a server sends beyond the prefixes, and takes attributes', async () => {
  answer(
    second,
    [`${hash} refs/heads/main symref-target:x`, `${hash} refs/heads-up`, `${hash} HEAD`]
      .map((text) => toPacket(`${text}\n`))
      .join('') + FLUSH_PACKET,
  )

  expect([...(await list('refs/heads/')).refs.keys()]).toEqual(['refs/heads/main'])
})

it.each([
  [301, 'redirect-refused'],
  [401, 'credentials-refused'],
  [403, 'permission-missing'],
  [404, 'not-found'],
  [429, 'rate-limited'],
  [500, 'host-unavailable'],
  [503, 'host-unavailable'],
  [418, 'unexpected-answer'],
])('says what HTTP %i means: %s', async (status, code) => {
  host.settings.fault = (_, response) => Boolean(response.writeHead(status).end('No.'))

  await expect(list('refs/heads/')).rejects.toMatchObject({ code, userMessage: expect.stringContaining(host.remote.url) })
})

it('passes on when the host wants to be asked again', async () => {
  host.settings.fault = (_, response) =>
    Boolean(response.writeHead(429, { date: 'Mon, 23 Nov 2026 10:00:00 GMT', 'retry-after': '60' }).end('Retry later'))

  await expect(list('refs/heads/')).rejects.toMatchObject({ retryAt: new Date('2026-11-23T10:01:00Z') })
})

it.each([
  ['ERR GitLab is currently unable to handle this request due to load.', 'host-unavailable'],
  ['ERR The project you were looking for could not be found.', 'not-found'],
  ['ERR access denied or repository not exported: /x', 'not-found'],
  ['ERR You are not allowed to download code', 'permission-missing'],
])('understands %j', async (text, code) => {
  answer(service + toPacket(text))
  await expect(list('refs/heads/')).rejects.toMatchObject({ code })

  answer(second, toPacket(text))
  await expect(list('refs/heads/')).rejects.toMatchObject({ code })
})

it.each([
  ['HTML', '<html>Please sign in</html>', FLUSH_PACKET],
  ['nothing', '', FLUSH_PACKET],
  ['an advertisement that is cut', second.slice(0, -4), FLUSH_PACKET],
  ['an unknown object format', second.slice(0, -4) + toPacket('object-format=md5\n') + FLUSH_PACKET, FLUSH_PACKET],
  ['no ls-refs', service + toPacket('version 2\n') + FLUSH_PACKET, FLUSH_PACKET],
  ['an empty listing', second, ''],
  ['a listing that is cut', second, toPacket(`${hash} refs/heads/main\n`)],
  ['something behind the end', second, FLUSH_PACKET + toPacket(`${hash} refs/heads/main\n`) + FLUSH_PACKET],
  ['a hash that is none', second, toPacket('abc refs/heads/main\n') + FLUSH_PACKET],
  ['a control character', second, toPacket(`${hash} refs/heads/\u001B[31m\n`) + FLUSH_PACKET],
])('refuses %s, instead of giving a shorter list', async (_, advertisement, listing) => {
  answer(advertisement, listing)

  await expect(list('refs/heads/')).rejects.toMatchObject({ code: 'unexpected-answer' })
})

it('refuses other content types', async () => {
  answer(second, FLUSH_PACKET, ['html', 'result'])
  await expect(list('refs/heads/')).rejects.toMatchObject({ code: 'unexpected-answer' })

  answer(second, FLUSH_PACKET, ['advertisement', 'html'])
  await expect(list('refs/heads/')).rejects.toMatchObject({ code: 'unexpected-answer' })
})
