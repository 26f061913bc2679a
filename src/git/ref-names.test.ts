import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listRemoteRefs } from './protocol.ts'
import { collect, line, soon, startTestHost, type TestHost } from './test-host.ts'

let host: TestHost
let head: string
beforeEach(async () => {
  host = await startTestHost()
  await host.mirror.prepare('sha1')
  head = String((await host.import(...line(2))).get(2))
})
afterEach(() => host.close())

/** Two names that are no UTF-8 and decode to the same text. */
const NOT_UTF8 = ['refs/heads/caf\xe9', 'refs/heads/caf\xe8'].map((name) => Buffer.from(name, 'latin1'))
const TOO_LONG = Buffer.from(`refs/heads/${'long/'.repeat(200)}x`)
const SPECIAL = ['refs/heads/a\u00a0b', 'refs/heads/next\u0085line', 'refs/heads/"quoted', 'refs/heads/größe']

/** Branches of the host beside `main`, by the bytes of their names: no command line takes them all. */
const setBranches = (names: readonly (Buffer | string)[]) =>
  writeFile(
    join(host.repositoryFolder, 'packed-refs'),
    Buffer.concat(names.flatMap((name) => [Buffer.from(`${head} `), Buffer.from(name), Buffer.from('\n')])),
  )
const list = () => listRemoteRefs({ http: host.http, remote: host.remote, prefixes: ['refs/heads/'], signal: soon() })
const fetchListed = async () =>
  host.mirror.fetchBranches({ remote: host.remote, filter: 'tree:0', listed: (await list()).refs, signal: soon() })
const branches = async () => (await collect(host.mirror.listRefs('refs/heads/'))).map(({ name }) => name)

it('leaves out names that are not UTF-8 or too long, at the host and in the mirror', async () => {
  await setBranches([...NOT_UTF8, TOO_LONG])

  const listed = await list()
  await fetchListed()

  expect([...listed.refs.keys()]).toEqual(['refs/heads/main'])
  expect(listed.unusable).toBe(3)
  expect(await branches()).toEqual(['refs/heads/main'])
})

it('forgets such a branch that is gone from the host', async () => {
  await setBranches([...NOT_UTF8, TOO_LONG])
  await fetchListed()

  await setBranches([])
  await fetchListed()

  expect((await host.mirrorGit('for-each-ref', '--format=%(refname)')).split('\n')).toEqual(['refs/heads/main'])
})

it('follows every other name that Git allows, and its end', async () => {
  await setBranches(SPECIAL)
  await fetchListed()
  const before = await branches()

  await setBranches([])
  await fetchListed()

  expect(before.toSorted()).toEqual([...SPECIAL, 'refs/heads/main'].toSorted())
  expect(await branches()).toEqual(['refs/heads/main'])
})
