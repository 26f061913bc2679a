import { findHeldClaims, type ClaimHolder } from '../../db/stores/smart-commit-claims.ts'
import { mayBeRepeated } from '../../db/stores/smart-commit-repeats.ts'
import type { Problem } from '../../domain/problem.ts'
import type { Repository } from '../../domain/repository.ts'
import type { SmartCommitAction, SmartCommitRecord } from '../../domain/smart-commit-record.ts'
import type { SquashedCommit } from '../../hosts/types.ts'
import type { AppContext } from '../app-context.ts'
import { toKeyedAuthor } from '../sync/keyed-commit.ts'
import { askHost } from './ask-host.ts'
import { toCommandFingerprints } from './smart-commit-fingerprint.ts'
import { readCommandLines, toNamedCommand } from './smart-commit-lines.ts'

/** Nobody keeps a merge request open for longer, as a rule, across the first import of its repository. */
const HISTORY_MS = 60 * 24 * 60 * 60_000

const NONE: ReadonlyMap<number, Problem> = new Map()

/**
 * Commands of a squash commit that the squashed ones commanded as well, each as often as they did: the host writes its message
 * from theirs, or from the title of their merge request, with another author date, so that it is no copy of any of them. The
 * host is asked only where such a command is known already.
 *
 * @param work `mayWait` as in `askHost`
 * @returns why they are not executed, by position
 * @throws ConnectorError of the host, when it may answer later
 */
export async function findRepeated(
  app: AppContext,
  { repository, commit, mayWait }: { repository: Repository; commit: SmartCommitRecord; mayWait: boolean },
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Problem>> {
  const open = commit.actions.filter(({ state, startedAt }) => state === 'found' && startedAt === null)
  if (open.length === 0 || commit.merge || !repository.pullRequestsEnabled) return NONE
  const historySince = app.clock.now().getTime() - HISTORY_MS
  const known = { commitId: commit.id, repositoryId: repository.id, commands: open, historySince }
  if (!(await mayBeRepeated(app.db.read, known))) return NONE
  const squashed = await askHost<readonly SquashedCommit[] | null>(
    app,
    {
      repository,
      mayWait,
      ask: (connection, address) => connection.listSquashedInto(address, commit.sha, signal),
      otherwise: null,
    },
    signal,
  )
  return squashed === null ? NONE : compare(app, { commit, open, squashed })
}

type Command = Pick<SmartCommitAction, 'key' | 'name' | 'argument'>

const toIdentity = ({ key, name, argument }: Command) => JSON.stringify([key, name, argument])

async function compare(
  app: AppContext,
  {
    commit,
    open,
    squashed,
  }: { commit: SmartCommitRecord; open: readonly SmartCommitAction[]; squashed: readonly SquashedCommit[] },
): Promise<ReadonlyMap<number, Problem>> {
  const wanted = new Set(open.map(toIdentity))
  const meant = squashed.flatMap(toCommands).filter(({ identity }) => wanted.has(identity))
  const held = await findHeldClaims(
    app.db.read,
    meant.map(({ fingerprint }) => fingerprint),
    commit.askedBy !== null,
  )
  const holders = new Map<string, ClaimHolder[]>()
  for (const { identity, fingerprint } of meant) {
    const holder = held.get(fingerprint)
    if (holder !== undefined) holders.set(identity, [...(holders.get(identity) ?? []), holder])
  }
  // What an earlier try skipped has used up one each.
  for (const action of commit.actions)
    if (action.problem?.code === 'smart-commit-repeated') holders.get(toIdentity(action))?.shift()
  const repeated = new Map<number, Problem>()
  for (const action of open) {
    const holder = holders.get(toIdentity(action))?.shift()
    if (holder !== undefined) repeated.set(action.position, toRepeatedProblem(holder))
  }
  return repeated
}

function toCommands({ message, ...commit }: SquashedCommit): { identity: string; fingerprint: string }[] {
  const commands = (readCommandLines(message)?.commands ?? []).map(toNamedCommand)
  const fingerprints = toCommandFingerprints({ author: toKeyedAuthor(commit.author), authoredAt: commit.authoredAt }, commands)
  return commands.map((command, index) => ({ identity: toIdentity(command), fingerprint: fingerprints[index] ?? '' }))
}

export function toRepeatedProblem({ sha, repository, executed }: ClaimHolder): Problem {
  const where = `commit ${sha.slice(0, 12)} of ${repository ?? 'a repository that is gone'}`
  const same = 'one of the commits that were squashed into this one'
  if (executed) return { code: 'smart-commit-repeated', message: `Already executed as ${where}, ${same}.`, remedy: null }
  return {
    code: 'smart-commit-repeated',
    message: `It was there before as ${where}, ${same}, where nothing was executed. What was done of it elsewhere is not known.`,
    remedy: 'Look into Jira; if it was not done, an administrator can execute it.',
  }
}
