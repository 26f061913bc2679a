import { readdir, readFile, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha } from '../domain/ids.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import type { FetchProgress } from './git-messages.ts'
import { listRemoteRefs } from './protocol.ts'
import { collect, commit, line, listProcesses, readAll, soon, startTestHost, type TestHost } from './test-host.ts'

let host: TestHost
afterEach(() => host.close())

const fetchAll = (filter: 'tree:0' | null = 'tree:0') =>
  host.mirror.fetchBranches({ remote: host.remote, filter, signal: soon() })
const list = async () =>
  (await listRemoteRefs({ http: host.http, remote: host.remote, prefixes: ['refs/heads/'], signal: soon() })).refs
const branches = async () => (await collect(host.mirror.listRefs('refs/heads/'))).map(({ name }) => name)
const failure = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof ConnectorError
    ? { code: error.code, text: `${error.message} ${String(error.remedy)}`, retryable: error.retryable }
    : error
}

describe.each(['sha1', 'sha256'] as const)('fetching a %s repository', (objectFormat) => {
  beforeEach(async () => {
    host = await startTestHost(objectFormat)
    await host.mirror.prepare(objectFormat)
  })

  it('brings commits without trees, and says how far it is', async () => {
    const marks = await host.import(
      ...line(1200),
      { kind: 'ref', ref: 'refs/heads/side', to: 600 },
      { kind: 'ref', ref: 'refs/tags/v1', to: 1 },
    )
    const progress: FetchProgress[] = []

    await host.mirror.fetchBranches({
      remote: host.remote,
      filter: 'tree:0',
      signal: soon(),
      onProgress: (step) => progress.push(step),
    })

    expect(await collect(host.mirror.listRefs('refs/'))).toEqual([
      { name: 'refs/heads/main', sha: marks.get(1200), committedAt: Date.UTC(2026, 0, 1, 0, 20) },
      { name: 'refs/heads/side', sha: marks.get(600), committedAt: Date.UTC(2026, 0, 1, 0, 10) },
    ])
    expect((await readAll(host.mirror)).map((found) => found.sha)).toEqual(
      Array.from({ length: 1200 }, (_, index) => marks.get(1200 - index)),
    )
    expect(await host.mirrorGit('cat-file', '--batch-all-objects', '--batch-check=%(objecttype)')).not.toMatch(/tree|blob/)
    expect(progress.at(-1)).toEqual({ received: 1200, total: 1200 })
  })

  it.each(['by listing', 'by git'])('follows force pushes, deleted, renamed and new branches (%s)', async (decidedBy) => {
    const old = await host.import(...line(3), { kind: 'ref', ref: 'refs/heads/gone', to: 2 })
    await fetchAll()
    const now = await host.import(
      commit(4, [String(old.get(1))]),
      { kind: 'ref', ref: 'refs/heads/gone', to: null },
      { kind: 'ref', ref: 'refs/heads/gone/deeper', to: String(old.get(2)) },
    )

    const listed = decidedBy === 'by git' ? {} : { listed: await list() }
    await host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', signal: soon(), ...listed })

    expect(await branches()).toEqual(['refs/heads/gone/deeper', 'refs/heads/main'])
    const range = (include: unknown, exclude: unknown) => ({
      include: [sha(String(include))],
      exclude: [sha(String(exclude))],
      signal: soon(),
    })
    expect(await collect(host.mirror.listShas(range(now.get(4), old.get(3))))).toEqual([now.get(4)])
    expect(await collect(host.mirror.listShas(range(old.get(3), now.get(4))))).toEqual([old.get(3), old.get(2)])
  })

  it('takes everything from a server without filters', async () => {
    host.settings.filter = false
    await host.import(...line(3))

    await fetchAll(null)
    await host.import(...line(4))
    await fetchAll(null)

    expect(await readAll(host.mirror)).toHaveLength(4)
    expect(await host.mirrorGit('show', 'main:4.txt')).toBe('4')
  })

  it('reads nothing from an empty repository', async () => {
    await fetchAll()

    expect(await branches()).toEqual([])
    expect(await readAll(host.mirror)).toEqual([])
    expect(await collect(host.mirror.listShas({ include: 'all', exclude: [], signal: soon() }))).toEqual([])
  })

  it('fetches pull requests by name and tells which are gone', async () => {
    const marks = await host.import(
      ...line(2),
      commit(3, [1], { ref: 'refs/merge-requests/7/head' }),
      commit(4, [1], { ref: 'refs/merge-requests/8/head' }),
      commit(5, [1], { ref: 'refs/merge-requests/77/head' }),
    )
    const refs = [7, 8, 9].map((number) => ({ source: `refs/merge-requests/${number}/head`, target: `refs/pull/${number}` }))
    const options = { http: host.http, remote: host.remote, filter: 'tree:0' as const, refs, signal: soon() }

    const result = await host.mirror.fetchRefs(options)

    expect(result).toEqual({ missing: ['refs/merge-requests/9/head'] })
    expect((await collect(host.mirror.listRefs('refs/pull/'))).map(({ name, sha: at }) => [name, at])).toEqual([
      ['refs/pull/7', marks.get(3)],
      ['refs/pull/8', marks.get(4)],
    ])
    host.requests.length = 0
    await host.mirror.fetchRefs(options)
    expect(host.requests, 'nothing moved: only the listing').toHaveLength(2)
    await fetchAll()
    await host.mirror.deleteRefs(['refs/pull/7', 'refs/pull/404'])
    expect((await collect(host.mirror.listRefs('refs/'))).map(({ name }) => name)).toEqual(['refs/heads/main', 'refs/pull/8'])
    expect(await host.mirror.hasCommits([sha(String(marks.get(3)))]), 'deleting a ref keeps its commits').toEqual(
      new Set([marks.get(3)]),
    )
  })
})

describe('a fetch that fails', () => {
  beforeEach(async () => {
    host = await startTestHost()
    await host.mirror.prepare('sha1')
    await host.import(...line(50))
    await fetchAll()
  })

  it.each([
    [401, 'credentials-refused'],
    [403, 'permission-missing'],
    [404, 'not-found'],
    [302, 'redirect-refused'],
    [429, 'rate-limited'],
    [500, 'host-unavailable'],
    [503, 'host-unavailable'],
  ])('says what HTTP %i means (%s), and keeps the branches', async (status, code) => {
    host.settings.fault = (_, response) => Boolean(response.writeHead(status, { location: 'http://127.0.0.1:9/x' }).end('No.'))

    const failed = await failure(fetchAll())

    expect(failed).toMatchObject({ code })
    expect(await branches()).toEqual(['refs/heads/main'])
  })

  it.each([401, 403, 503])('says what HTTP %i means in the middle of the exchange', async (status) => {
    await host.import(...line(51))
    host.settings.fault = (request, response) => request.method === 'POST' && Boolean(response.writeHead(status).end())

    expect(await failure(fetchAll())).toMatchObject({
      code: { 401: 'credentials-refused', 403: 'permission-missing', 503: 'host-unavailable' }[status],
    })
  })

  it.each(['text/html', 'text/plain', 'application/octet-stream'])(
    'does not take %s for a repository without branches',
    async (type) => {
      const listed = await list()
      host.settings.fault = (_, response) => Boolean(response.setHeader('content-type', type).end('<html>Please sign in</html>'))

      const failed = await failure(host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', listed, signal: soon() }))

      expect(failed).toMatchObject({ code: 'unexpected-answer' })
      expect(await branches()).toEqual(['refs/heads/main'])
      expect(await failure(fetchAll()), 'without a listing').toMatchObject({ code: 'unexpected-answer' })
    },
  )

  it('tells a busy host, an unknown name, a closed port and missing TLS apart', async () => {
    const text = 'ERR GitLab is currently unable to handle this request due to load.'
    host.settings.fault = (_, response) => {
      const packet = (text.length + 4).toString(16).padStart(4, '0') + text
      return Boolean(
        response
          .setHeader('content-type', 'application/x-git-upload-pack-advertisement')
          .end(`001e# service=git-upload-pack\n0000${packet}`),
      )
    }
    const at = (url: string) =>
      failure(host.mirror.fetchBranches({ remote: { url, authorization: null }, filter: 'tree:0', signal: soon() }))

    expect(await failure(fetchAll())).toMatchObject({ code: 'host-unavailable', retryable: true })
    expect(await at('http://nowhere.invalid/shop.git')).toMatchObject({ code: 'dns-failed' })
    expect(await at('http://127.0.0.1:1/shop.git')).toMatchObject({ code: 'connection-failed' })
    expect(await at(host.remote.url.replace('http:', 'https:'))).toMatchObject({ code: 'tls-failed' })
  })

  it('refuses addresses that are not plain http, so that nothing else is ever run or stored', async () => {
    const urls = [
      'http://ann:secret@127.0.0.1/x',
      host.repositoryFolder,
      'ssh://127.0.0.1/x',
      'ext::sh -c id',
      'http://127.0.0.1/\nx',
    ]

    for (const url of urls) {
      const failed = await failure(
        host.mirror.fetchBranches({ remote: { url, authorization: null }, filter: 'tree:0', signal: soon() }),
      )
      expect(failed, url).toMatchObject({ code: 'address-refused' })
      expect(JSON.stringify(failed)).not.toContain('secret')
    }
  })

  it('reports a connection that breaks off, and succeeds when tried again', async () => {
    const big = { message: 'x'.repeat(20_000) }
    await host.import(
      ...Array.from({ length: 300 }, (_, index) =>
        commit(index + 1, index === 0 ? [] : [index], { message: `${index} ${Math.random()} ${big.message}` }),
      ),
    )
    host.settings.fault = (request, response) => {
      if (request.method !== 'POST') return false
      const write = response.write.bind(response)
      let sent = 0
      response.write = ((chunk: Buffer) => {
        sent += chunk.length
        if (sent > 3000) response.destroy()
        return write(chunk)
      }) as typeof response.write
      return false
    }

    const failed = await failure(fetchAll())
    host.settings.fault = null
    await fetchAll()

    expect(failed).toMatchObject({ code: 'host-unavailable', retryable: true })
    expect(await readAll(host.mirror)).toHaveLength(300)
  })

  it('refuses to mix a commits-only copy with a server that lost its filters', async () => {
    host.settings.filter = false

    expect(await failure(fetchAll(null))).toMatchObject({ code: 'mirror-corrupt' })
  })

  it('ends git and its helpers when aborted, and the next one succeeds', async () => {
    const before = await host.mirrorGit('rev-parse', 'main')
    await host.import(...line(60))
    const controller = new AbortController()
    host.settings.fault = (request) => {
      if (request.method === 'POST') setTimeout(() => controller.abort(new Error('shutting down')), 50)
      return request.method === 'POST' // never answers
    }

    await expect(host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', signal: controller.signal })).rejects.toThrow(
      'shutting down',
    )

    expect(await listProcesses(host.mirrorFolder)).toEqual([])
    expect(await host.mirrorGit('rev-parse', 'main')).toBe(before)
    host.settings.fault = null
    await fetchAll()
    expect(await readAll(host.mirror)).toHaveLength(60)
  })

  it('recovers from a kill -9 in the middle', async () => {
    await host.import(...line(60))
    let killed = false
    host.settings.fault = (request) => {
      if (request.method !== 'POST' || killed) return false
      killed = true
      void listProcesses(host.mirrorFolder).then((ids) => {
        for (const id of ids) process.kill(id, 'SIGKILL')
      })
      return true
    }
    await writeFile(join(host.mirrorFolder, 'packed-refs.lock'), '')
    await writeFile(join(host.mirrorFolder, 'refs', 'heads', 'main.lock'), '')
    await writeFile(join(host.mirrorFolder, 'objects', 'pack', 'tmp_pack_abc'), 'half')

    const failed = await failure(fetchAll())
    await host.mirror.prepare('sha1')
    await fetchAll()

    expect(failed).toMatchObject({ retryable: true })
    expect(await readAll(host.mirror)).toHaveLength(60)
    expect(await readdir(join(host.mirrorFolder, 'objects', 'pack'))).not.toContain('tmp_pack_abc')
  })
})

describe('credentials', () => {
  const secret = 'glpat-very-secret-value'
  const authorization = `Basic ${Buffer.from(`oauth2:${secret}`).toString('base64')}`

  beforeEach(async () => {
    host = await startTestHost()
    await host.mirror.prepare('sha1')
    await host.import(...line(3))
    host.settings.authorization = authorization
  })

  it('are sent at once, and appear neither in arguments nor on disk', async () => {
    const watching = watchArguments()

    await host.mirror.fetchBranches({ remote: { ...host.remote, authorization }, filter: 'tree:0', signal: soon() })
    const commandLines = await watching()

    expect(await readAll(host.mirror)).toHaveLength(3)
    expect(host.requests.length, 'no first try without credentials').toBe(3)
    expect(commandLines.join('\n')).toMatch(/fetch/)
    for (const text of [...commandLines, await readFile(join(host.mirrorFolder, 'config'), 'utf8')]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(authorization.slice(6))
    }
    expect(await readFile(join(host.mirrorFolder, 'config'), 'utf8')).not.toContain('127.0.0.1')
  })

  it('are refused with 401, and never repeated in the error', async () => {
    const wrong = `Basic ${Buffer.from('oauth2:wrong-secret').toString('base64')}`

    const failed = await failure(
      host.mirror.fetchBranches({ remote: { ...host.remote, authorization: wrong }, filter: 'tree:0', signal: soon() }),
    )

    expect(failed).toMatchObject({ code: 'credentials-refused', retryable: false })
    expect(JSON.stringify(failed)).not.toMatch(new RegExp(`wrong-secret|${wrong.slice(6)}`))
  })

  it('are blotted out when the host sends them back', async () => {
    const text = `ERR bad token ${secret} ${authorization}`
    host.settings.fault = (_, response) => {
      const packet = (text.length + 4).toString(16).padStart(4, '0') + text
      return Boolean(
        response
          .setHeader('content-type', 'application/x-git-upload-pack-advertisement')
          .end(`001e# service=git-upload-pack\n0000${packet}`),
      )
    }

    const failed = await failure(
      host.mirror.fetchBranches({ remote: { ...host.remote, authorization }, filter: 'tree:0', signal: soon() }),
    )

    expect(JSON.stringify(failed)).toContain('[redacted]')
    expect(JSON.stringify(failed)).not.toContain(secret)
    expect(JSON.stringify(failed)).not.toContain(authorization.slice(6))
  })
})

/** Samples `ps` until the returned function is called; resolves to the command lines of git seen meanwhile. */
function watchArguments(): () => Promise<string[]> {
  const run = promisify(execFile)
  const seen = new Set<string>()
  let stopped = false
  const done = (async () => {
    while (!stopped) {
      const { stdout } = await run('ps', ['-eo', 'args'], { maxBuffer: 16 * 1024 * 1024 })
      for (const text of stdout.split('\n')) if (text.includes('git')) seen.add(text)
    }
  })()
  return async () => {
    stopped = true
    await done
    return [...seen]
  }
}
