import { z } from 'zod'
import { systemClock } from '../lib/clock.ts'
import { followSyncs } from './follow-work.ts'
import { createLocalApi, type LocalApi } from './local-api.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { createProgressView, type ShownRepository } from './progress-view.ts'
import { findTargets, isTargeted } from './sync-target.ts'

const problem = z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() })
const repositorySchema = z.object({
  id: z.string(),
  accountId: z.string(),
  name: z.string(),
  linked: z.boolean(),
  sync: z.object({
    state: z.enum(['idle', 'queued', 'running', 'retrying', 'paused']),
    step: z.enum(['fetching', 'history', 'pull-requests', 'finishing', 'builds']).nullable(),
    progress: z.object({ commits: z.number(), branches: z.number(), pullRequests: z.number(), issues: z.number() }),
    error: problem.nullable(),
  }),
})
type RepositoryJson = z.infer<typeof repositorySchema>
const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  // A connector that runs since before an upgrade tells none.
  resolvedOwner: z.object({ path: z.string() }).nullable().default(null),
})
const anything = z.unknown()

export interface SocketSync {
  readonly dataDir: string
  readonly options: { readonly target: string | null; readonly full: boolean }
  readonly context: CommandContext
}

/** Asks the connector that runs on this data folder for the synchronisation and follows it; it delivers by itself. */
export async function syncThroughSocket({ dataDir, options, context }: SocketSync): Promise<ExitCode> {
  const api = createLocalApi(dataDir)
  const view = createProgressView(context.out)
  view.line('A connector runs on this data folder: it does the work.')
  const accounts = await listAll(api, { path: '/api/v1/accounts', schema: accountSchema })
  const targets = findTargets(accounts, options.target)
  const read = async () => {
    const repositories = await listAll(api, { path: '/api/v1/repositories', schema: repositorySchema })
    return repositories.filter(
      (repository) =>
        repository.linked &&
        targets.some((target) => target.account.id === repository.accountId && isTargeted(target, repository.name)),
    )
  }
  try {
    await request(api, { targets, read, full: options.full })
    const done = await followSyncs({
      read: async (): Promise<ShownRepository[]> => read(),
      view,
      clock: systemClock,
      signal: context.signal,
    })
    return done ? EXIT.done : EXIT.failed
  } finally {
    view.stop()
  }
}

interface Asked {
  readonly targets: ReturnType<typeof findTargets>
  readonly read: () => Promise<RepositoryJson[]>
  readonly full: boolean
}

async function request(api: LocalApi, { targets, read, full }: Asked): Promise<void> {
  for (const { account, repository } of targets) {
    if (repository === null)
      await api.send({ method: 'POST', path: `/api/v1/accounts/${encodeURIComponent(account.id)}/refresh`, schema: anything })
  }
  for (const repository of await read()) {
    await api.send({
      method: 'POST',
      path: `/api/v1/repositories/${repository.id}/sync?mode=${full ? 'full' : 'soft'}`,
      schema: anything,
    })
  }
}

async function listAll<T>(api: LocalApi, { path, schema }: { path: string; schema: z.ZodType<T> }): Promise<T[]> {
  const page = z.object({ items: z.array(schema), next: z.string().nullable() })
  const all: T[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '?limit=200' : `?limit=200&cursor=${encodeURIComponent(cursor)}`
    const { items, next } = await api.send({ method: 'GET', path: `${path}${query}`, schema: page })
    all.push(...items)
    cursor = next
  } while (cursor !== null)
  return all
}
