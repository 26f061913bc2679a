// The connector as `serve` runs it, in a process of its own. `--idle`: tells its address when nothing is imported any more;
// `--without-storing`: besides, it answers verified webhooks and forgets them.
import { scheduleSweeps } from '../src/app/accounts/declare-accounts.ts'
import { runJobs } from '../src/app/run-jobs.ts'
import type { AppContext } from '../src/app/app-context.ts'
import { openConnector } from '../src/cli/connector.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { createHttpApp } from '../src/http/create-http-app.ts'
import { silentLogger } from '../src/lib/logger.ts'

const [file, mode] = process.argv.slice(2)
if (file === undefined || process.send === undefined) throw new Error('This is started by bench/webhook.ts')
const config = loadConfig({ file, env: process.env, cwd: process.cwd() })
const connector = await openConnector({
  config,
  serverUrl: 'http://127.0.0.1',
  env: process.env,
  log: silentLogger,
  deliver: false,
})
const app: AppContext =
  mode === '--without-storing'
    ? { ...connector.app, webhooks: { ...connector.app.webhooks, inbox: { store: () => Promise.resolve(1) } } }
    : connector.app
const http = await createHttpApp({
  app,
  secretBox: connector.secretBox,
  adminToken: null,
  trustProxy: false,
  version: '0',
  abortSync: () => undefined,
  log: silentLogger,
})
const address = await http.listen({ host: '127.0.0.1', port: 0 })
const jobs = await runJobs(app, { repositoriesAtOnce: config.sync.concurrency, scheduled: true, random: () => 0.5 })
await scheduleSweeps(app)
process.on('disconnect', () => {
  void Promise.all([http.close(), jobs.stop()])
    .then(() => connector.close())
    .finally(() => process.exit(0))
})
if (mode !== undefined) await imported()
process.send({ url: address })

/** Every linked repository was read once, and none is being read. */
async function imported(): Promise<void> {
  for (;;) {
    const rows = await app.db.read.selectFrom('repositories').select(['history_complete', 'sync_state', 'sync_error']).execute()
    const failed = rows.find((row) => row.sync_error !== null)
    if (failed !== undefined) throw new Error(`an import failed: ${failed.sync_error}`)
    if (rows.length > 0 && rows.every((row) => row.history_complete === 1 && row.sync_state === 'idle')) return
    await app.clock.sleep(50)
  }
}
