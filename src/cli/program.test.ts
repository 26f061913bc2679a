import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runProgram } from './program.ts'
import { VERSION } from './version.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-cli-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function run(...args: string[]) {
  const texts = { out: '', err: '' }
  const collect = (name: 'out' | 'err') => {
    const stream = new PassThrough()
    stream.on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString()
    })
    return stream as unknown as NodeJS.WriteStream
  }
  const environment = { PATH: process.env['PATH'] }
  const code = await runProgram(args, {
    env: environment,
    cwd: folder,
    out: collect('out'),
    err: collect('err'),
    signal: new AbortController().signal,
  })
  return { code, ...texts }
}

describe('the command line', () => {
  it('prints its version', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, out: `${VERSION}\n` })
  })

  it('ends with 2 for an unknown command', async () => {
    expect(await run('explode')).toMatchObject({ code: 2, err: expect.stringContaining('explode') })
  })

  it('ends with 2 for an unknown role', async () => {
    expect(await run('serve', '--role', 'boss')).toMatchObject({ code: 2, err: expect.stringContaining('all, web or worker') })
  })

  it('ends with 2 and lists every problem of the configuration with file, line and key', async () => {
    await writeFile(
      join(folder, 'bad.yaml'),
      'server:\n  listen: nowhere\njira:\n  url: jira.example.com\n  token: x\naccount: []\n',
    )

    const { code, err } = await run('sync', '--config', 'bad.yaml')

    expect(code).toBe(2)
    expect(err).toMatch(/bad\.yaml:2: server\.listen/)
    expect(err).toMatch(/bad\.yaml:4: jira\.url/)
    expect(err).toMatch(/bad\.yaml:6: account: .*accounts/)
  })

  it('ends with 2 for a role that the embedded database cannot serve', async () => {
    expect(await run('serve', '--role', 'worker')).toMatchObject({ code: 2, err: expect.stringContaining('postgres://') })
  })

  it('ends with 1 and a remedy when there is nothing to synchronise', async () => {
    await writeFile(join(folder, 'empty.yaml'), 'dataDir: ./data\n')

    expect(await run('sync', '--config', 'empty.yaml')).toMatchObject({ code: 1, err: expect.stringContaining('accounts') })
  })
})
