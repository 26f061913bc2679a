import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountId, type RepositoryId } from '../domain/ids.ts'
import { packageRoot } from '../lib/package-root.ts'
import { addBranches, addCommits, addPullRequests } from './test-development.ts'
import { ADMIN_TOKEN, startTestHttpApp, type TestHttpApp } from './test-http-app.ts'

const run = promisify(execFile)
const script = join(packageRoot, 'docs', 'examples', 'issue-report.mjs')

let t: TestHttpApp
let shop: RepositoryId
let url: string
beforeEach(async () => {
  t = await startTestHttpApp()
  url = await t.http.listen({ host: '127.0.0.1', port: 0 })
  await t.addAccount({ id: accountId('acme') })
  shop = await t.addRepository({ path: 'acme/shop' })
})
afterEach(() => t.dispose())

const report = (token: string, issue: string) =>
  run(process.execPath, [script, issue], { env: { CONNECTOR_URL: url, CONNECTOR_TOKEN: token }, timeout: 20_000 })

test('the script of the documentation reads an issue through the addresses of dev-status', async () => {
  await addCommits(t, shop, 2)
  await addBranches(t, shop, 1)
  await addPullRequests(t, shop, [{ status: 'MERGED' }])

  const { stdout } = await report(ADMIN_TOKEN, 'SHOP-7')

  expect(stdout).toContain('repository: 2\n')
  expect(stdout).toMatch(/^ {2}[0-9a-f]{7} acme\/shop: /m)
  expect(stdout).toMatch(/^pullrequest: 1\n {2}\S+ MERGED /m)
  expect(stdout).toMatch(/^branch: 1\n {2}\S/m)
  expect(stdout).toContain('1 of 1 repositories are linked')
})

test('it tells why it is refused', async () => {
  await expect(report('wrong', 'SHOP-7')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('401 token-refused') })
})
