import type { SmartCommitAliasJson, SmartCommitJson } from '../contract/smart-commit.ts'
import type { SmartCommitEntry } from '../db/views/smart-commits.ts'
import type { readAliases } from '../db/views/smart-commit-people.ts'
import { hostId } from '../domain/ids.ts'
import type { RouteContext } from './http-app.ts'

type SmartCommitAlias = Awaited<ReturnType<typeof readAliases>>[number]

/** With the addresses of commits at their hosts. */
export async function toSmartCommitJsons(
  app: RouteContext['app'],
  entries: readonly SmartCommitEntry[],
): Promise<SmartCommitJson[]> {
  const accounts = [...new Set(entries.map(({ accountId }) => accountId))]
  const links = new Map(await Promise.all(accounts.map(async (id) => [id, await app.connections.links(id)] as const)))
  return entries.map((entry) => {
    const { repository } = entry
    const address = { hostId: hostId(repository.hostId), path: repository.name, webUrl: repository.url }
    return toJson(entry, links.get(entry.accountId)?.commit(address, entry.sha) ?? '')
  })
}

function toJson(entry: SmartCommitEntry, url: string): SmartCommitJson {
  const { id, accountId, repository, sha, author, state, problem, askedBy, reply } = entry
  return {
    id: String(id),
    accountId,
    repository: { id: repository.id, name: repository.name },
    commit: {
      id: sha,
      displayId: sha.slice(0, 7),
      url,
      author,
      authoredAt: entry.authoredAt.toISOString(),
      commands: entry.lines,
    },
    state,
    problem,
    recordedAt: entry.recordedAt.toISOString(),
    executedAt: entry.executedAt?.toISOString() ?? null,
    askedBy,
    reply,
    actions: entry.actions.map((action) => ({
      issue: action.key,
      command: action.name,
      argument: action.argument,
      state: action.state,
      summary: action.summary,
      problem: action.problem,
      jiraId: action.state === 'done' ? action.jiraId : null,
      actor: action.actor,
      user: action.userName,
      endedAt: action.endedAt?.toISOString() ?? null,
    })),
  }
}

export function toAliasJson(alias: SmartCommitAlias): SmartCommitAliasJson {
  return {
    email: alias.email,
    user: alias.userName,
    state: alias.state,
    askedBy: alias.askedBy,
    createdAt: alias.createdAt.toISOString(),
    confirmedBy: alias.confirmedBy,
    confirmedAt: alias.confirmedAt?.toISOString() ?? null,
  }
}
