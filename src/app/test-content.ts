import type { Reader } from '../db/database.ts'

/** Everything that was imported, without numbers of ours, generations and times of runs: equal contents are equal texts. */
export async function readContent(db: Reader): Promise<Record<string, readonly string[]>> {
  const [
    repositories,
    commits,
    commitKeys,
    branches,
    branchKeys,
    keptHeads,
    pullRequests,
    pullRequestKeys,
    builds,
    deployments,
    issues,
  ] = await Promise.all([
    db
      .selectFrom('repositories')
      .select([
        'host_id',
        'path',
        'default_branch',
        'linked',
        'last_activity_at',
        'history_complete',
        'rules_version',
        'pull_requests_since',
        'sync_state',
        'sync_error',
      ])
      .execute(),
    db
      .selectFrom('commits as c')
      .innerJoin('repositories as r', 'r.id', 'c.repository_id')
      .select(['r.host_id', 'c.sha', 'c.message', 'c.author_name', 'c.author_email', 'c.authored_at', 'c.merge'])
      .execute(),
    db
      .selectFrom('commit_keys as k')
      .innerJoin('commits as c', 'c.id', 'k.commit_id')
      .select(['c.sha', 'k.issue_key', 'k.authored_at'])
      .execute(),
    db
      .selectFrom('branches as b')
      .innerJoin('repositories as r', 'r.id', 'b.repository_id')
      .select(['r.host_id', 'b.name', 'b.head', 'b.head_at'])
      .execute(),
    db.selectFrom('branch_keys').select(['name', 'issue_key']).execute(),
    db.selectFrom('kept_heads').select(['number', 'head']).execute(),
    db
      .selectFrom('pull_requests as p')
      .innerJoin('repositories as r', 'r.id', 'p.repository_id')
      .select([
        'r.host_id',
        'p.number',
        'p.title',
        'p.status',
        'p.draft',
        'p.source_branch',
        'p.target_branch',
        'p.source_host_id',
        'p.head_sha',
      ])
      .select(['p.url', 'p.author_name', 'p.author_email', 'p.reviewers', 'p.comment_count', 'p.created_at', 'p.updated_at'])
      .execute(),
    db
      .selectFrom('pull_request_keys as k')
      .innerJoin('pull_requests as p', 'p.id', 'k.pull_request_id')
      .select(['p.number', 'k.issue_key'])
      .execute(),
    db
      .selectFrom('build_keys as k')
      .innerJoin('builds as b', 'b.id', 'k.build_id')
      .select(['b.host_id', 'b.number', 'b.state', 'b.ref', 'b.sha', 'b.url', 'b.updated_at', 'b.finished_at', 'k.issue_key'])
      .execute(),
    db
      .selectFrom('deployment_keys as k')
      .innerJoin('deployments as d', 'd.id', 'k.deployment_id')
      .select(['d.host_id', 'd.number', 'd.environment', 'd.environment_type', 'd.state', 'd.sha', 'd.url'])
      .select(['d.updated_at', 'd.finished_at', 'k.issue_key'])
      .execute(),
    db.selectFrom('issues').select(['issue_key', 'project_key', 'newest_at']).execute(),
  ])
  const history = { repositories, commits, commitKeys, branches, branchKeys, keptHeads, pullRequests, pullRequestKeys, issues }
  const tables = { ...history, builds, deployments }
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, rows.map((row) => JSON.stringify(row)).sort()]))
}
