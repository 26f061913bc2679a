import type { Page, Route } from 'playwright-core'
import type { BulkRequest, BulkResultJson, RepositorySummaryJson } from '../src/contract/repository-bulk.ts'
import type { RepositoryJson } from '../src/contract/repository.ts'
import type { TestWorld } from './test-world.ts'

/**
 * The routes for many repositories, made of those for one: what the page sends and shows is what the contract says, and what
 * changes changes in the connector.
 */
export async function standInForBulk(page: Page, world: TestWorld): Promise<void> {
  await page.route('**/api/v1/repositories/bulk', (route) => answerBulk(route, world))
  await page.route('**/api/v1/repositories/summary?*', (route) => answerSummary(route, world))
}

async function answerBulk(route: Route, world: TestWorld): Promise<void> {
  const { ids, filter, change } = route.request().postDataJSON() as BulkRequest
  const chosen = ids ?? (await listAll(world, filter?.account, filter?.q)).map(({ id }) => id)
  for (const id of chosen) {
    const body = JSON.stringify(change)
    await world.ask(`/api/v1/repositories/${id}`, { method: 'PATCH', body, headers: { 'content-type': 'application/json' } })
  }
  const result: BulkResultJson = { matched: chosen.length, changed: chosen.length, queued: 0, failed: [] }
  await route.fulfill({ json: result })
}

async function answerSummary(route: Route, world: TestWorld): Promise<void> {
  const query = new URL(route.request().url()).searchParams
  const all = await listAll(world, query.get('account'), query.get('q'))
  const count = (matches: (repository: RepositoryJson) => boolean) => all.filter((one) => one.linked && matches(one)).length
  const inState = (state: RepositoryJson['sync']['state']) => count(({ sync }) => sync.state === state)
  const linked = count(() => true)
  const summary: RepositorySummaryJson = {
    total: all.length,
    linked,
    unlinked: all.length - linked,
    states: {
      idle: inState('idle'),
      queued: inState('queued'),
      running: inState('running'),
      retrying: inState('retrying'),
      paused: inState('paused'),
      failing: count(({ sync }) => sync.error !== null),
    },
    webhooks: { live: 0, polling: linked, broken: 0, off: 0 },
  }
  await route.fulfill({ json: summary })
}

async function listAll(world: TestWorld, account: string | null = '', text: string | null = ''): Promise<RepositoryJson[]> {
  const found: RepositoryJson[] = []
  let cursor: string | null = ''
  do {
    const query = new URLSearchParams({
      account: account ?? '',
      q: text ?? '',
      limit: '200',
      ...(cursor === '' ? {} : { cursor }),
    })
    const answer = (await (await world.ask(`/api/v1/repositories?${query.toString()}`)).json()) as {
      items: RepositoryJson[]
      next: string | null
    }
    found.push(...answer.items)
    cursor = answer.next
  } while (cursor !== null)
  return found
}
