import type { AccountId } from '../../domain/ids.ts'
import type { Reader } from '../database.ts'
import { countDeliveredIssuesOf } from '../stores/kept-issues.ts'

/** What a deletion of an account would take. */
export interface DeletionPreview {
  readonly repositories: number
  readonly commits: number
  readonly branches: number
  readonly pullRequests: number
  readonly builds: number
  readonly deployments: number
  /** That Jira holds something of. */
  readonly issues: number
  /** At the Git host, set up by the connector. */
  readonly hooks: number
}

const COUNTED = { commits: 'commits', branches: 'branches', pullRequests: 'pull_requests' } as const
const RUNS = { builds: 'builds', deployments: 'deployments' } as const

export async function readDeletionPreview(db: Reader, id: AccountId): Promise<DeletionPreview> {
  const count = async (table: (typeof COUNTED)[keyof typeof COUNTED] | (typeof RUNS)[keyof typeof RUNS]) => {
    const row = await db
      .selectFrom(table)
      .select((e) => e.fn.countAll<number>().as('n'))
      .where('repository_id', 'in', (e) => e.selectFrom('repositories').select('repositories.id').where('account_id', '=', id))
      .executeTakeFirstOrThrow()
    return Number(row.n)
  }
  const repositories = await db
    .selectFrom('repositories')
    .select((e) => [e.fn.countAll<number>().as('n'), e.fn.count<number>('webhook_generation').as('hooks')])
    .where('account_id', '=', id)
    .executeTakeFirstOrThrow()
  const hook = await db.selectFrom('account_webhooks').select('hook_generation').where('account_id', '=', id).executeTakeFirst()
  return {
    repositories: Number(repositories.n),
    commits: await count(COUNTED.commits),
    branches: await count(COUNTED.branches),
    pullRequests: await count(COUNTED.pullRequests),
    builds: await count(RUNS.builds),
    deployments: await count(RUNS.deployments),
    issues: await countDeliveredIssuesOf(db, id),
    hooks: Number(repositories.hooks) + (typeof hook?.hook_generation === 'number' ? 1 : 0),
  }
}
