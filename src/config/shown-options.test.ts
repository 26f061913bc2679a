import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shown-options-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const SECRET = 'a-secret-that-nobody-may-see'

async function load(text: string) {
  const file = join(folder, 'connector.yaml')
  await writeFile(file, text)
  return loadConfig({ file, env: { PLANTED: SECRET, CONNECTOR_SERVER_LISTEN: '127.0.0.1:9999' }, cwd: folder }).shown
}

test('what is declared, by the file or a variable, and what is by default', async () => {
  const shown = await load('sync:\n  interval: 30m\npanel:\n  hide: [merge-commits, "author:bot*"]\n')

  const named = (name: string) => shown.find((option) => option.name === name)
  expect(named('sync.interval')).toMatchObject({ value: '30m', isDeclared: true })
  expect(named('server.listen')).toMatchObject({ value: '127.0.0.1:9999', isDeclared: true })
  expect(named('panel.hide')).toMatchObject({ value: ['merge-commits', 'author:bot*'], isDeclared: true })
  expect(named('sync.concurrency')).toMatchObject({ value: '4', isDeclared: false })
})

test('no secret is among them, nor what a variable of the file holds', async () => {
  const shown = await load(`server:
  adminToken: ${SECRET}
  secretKey: ${SECRET}${SECRET}
jira:
  url: https://\${PLANTED}.example.com
  token: ${SECRET}
  webhookSecret: ${SECRET}
network:
  proxy: http://user:${SECRET}@proxy.example.com
`)

  expect(JSON.stringify(shown)).not.toContain(SECRET)
  expect(shown.length).toBeGreaterThan(1)
})
