import { randomUUID } from 'node:crypto'
import { fireHooks, type FiredEvent } from './hooks.ts'
import { refreshMergeRequests } from './merge-request-refresh.ts'
import type { Project, User } from './model.ts'
import { pushPayload, repositoryUpdatePayload, type RefChange } from './payloads.ts'
import { branchRef, countCommits, git, listRefs, nullSha, readCommits, resolveRevision } from './repository.ts'
import { buildPushed } from './runner.ts'
import type { World } from './state.ts'

const HOUR_MS = 3_600_000
/** Commits in a push body: GitLab's cap. */
const MAX_COMMITS = 20

/**
 * What GitLab does after a push: compares the refs with those seen last, stamps the activity, moves merge requests and
 * fires hooks. Resolves to the changes once merge requests are moved; hooks are delivered afterwards.
 */
export function afterPush(world: World, project: Project, user: User): Promise<readonly RefChange[]> {
  const former = world.pushes.get(project.id) ?? Promise.resolve()
  const work = former.then(() => workOnPush(world, project, user))
  // A failed push must not stop the next one; the caller of this one is told.
  const settled = work.then(
    () => undefined,
    () => undefined,
  )
  world.pushes.set(project.id, settled)
  return work
}

async function workOnPush(world: World, project: Project, user: User): Promise<readonly RefChange[]> {
  const former = project.refs
  const refs = await listRefs(world, project)
  const changes = differences(former, refs, nullSha(project))
  if (changes.length === 0) return changes
  project.refs = refs
  await adoptDefaultBranch(world, project)
  await recordEvents(world, project, user, changes)
  await firePushHooks(world, project, user, changes)
  await refreshMergeRequests(world, project, user, changes)
  buildPushed(world, project, changes)
  return changes
}

/** Moves the stamp only when it is an hour old (GitLab's `RESET_PROJECT_ACTIVITY_INTERVAL`); `updated_at` moves with it. */
export function stampActivity(world: World, project: Project): void {
  const now = world.clock.now()
  if (now.getTime() - project.lastActivityAt.getTime() < HOUR_MS) return
  project.lastActivityAt = now
  project.updatedAt = now
}

/** The body of one ref's push, with its newest 20 commits. */
export async function describePush(world: World, project: Project, user: User, change: RefChange) {
  const zero = nullSha(project)
  if (change.after === zero) {
    return pushPayload(world, { project, user, change, checkoutSha: null, commits: [], total: 0, message: null })
  }
  const checkoutSha = await resolveRevision(world, project, change.after)
  const isTag = change.ref.startsWith('refs/tags/')
  const range = isTag ? ['--max-count=1', change.after] : rangeOf(project, change, zero)
  const [commits, total] = await Promise.all([
    readCommits(world, project, [`--max-count=${MAX_COMMITS}`, ...range, '--'], true),
    countCommits(world, project, [...range, '--']),
  ])
  const message =
    isTag && checkoutSha !== change.after
      ? (await git(world, project, ['for-each-ref', '--format=%(contents)', change.ref])).trimEnd()
      : null
  return pushPayload(world, { project, user, change, checkoutSha, commits, total, message })
}

/** A new branch counts what the default branch does not have; the default branch itself counts everything. */
function rangeOf(project: Project, { ref, before, after }: RefChange, zero: string): string[] {
  if (before !== zero) return [`${before}..${after}`]
  const trunk = branchRef(project.defaultBranch)
  return ref === trunk || !project.refs.has(trunk) ? [after] : [after, `^${trunk}`]
}

function differences(former: ReadonlyMap<string, string>, refs: ReadonlyMap<string, string>, zero: string): RefChange[] {
  const names = new Set([...former.keys(), ...refs.keys()])
  return [...names].sort().flatMap((ref) => {
    const before = former.get(ref) ?? zero
    const after = refs.get(ref) ?? zero
    return before === after ? [] : [{ ref, before, after }]
  })
}

/** The first branch of an empty repository becomes its default branch. */
async function adoptDefaultBranch(world: World, project: Project): Promise<void> {
  if (project.refs.has(branchRef(project.defaultBranch))) return
  const names = [...project.refs.keys()].filter((ref) => ref.startsWith('refs/heads/'))
  const first = names.find((ref) => ref === 'refs/heads/main' || ref === 'refs/heads/master') ?? names[0]
  if (first === undefined) return
  await git(world, project, ['symbolic-ref', 'HEAD', first])
  project.defaultBranch = first.slice('refs/heads/'.length)
}

async function recordEvents(world: World, project: Project, user: User, changes: readonly RefChange[]): Promise<void> {
  const zero = nullSha(project)
  for (const change of changes) {
    const isTag = change.ref.startsWith('refs/tags/')
    const counted = !isTag && change.after !== zero
    project.events.push({
      id: world.state.nextId('event'),
      userId: user.id,
      action: change.after === zero ? 'deleted' : change.before === zero ? 'pushed new' : 'pushed to',
      ref: change.ref.replace(/^refs\/(?:heads|tags)\//, ''),
      refType: isTag ? 'tag' : 'branch',
      before: change.before === zero ? null : change.before,
      after: change.after === zero ? null : change.after,
      commitCount: counted ? await countCommits(world, project, [...rangeOf(project, change, zero), '--']) : 0,
      createdAt: world.clock.now(),
    })
  }
  stampActivity(world, project)
}

/**
 * The 3-ref rule: refs are grouped by kind and by what happened to them; a group larger than the limit fires nothing.
 * System hooks get one `repository_update` a push, whatever its size.
 */
async function firePushHooks(world: World, project: Project, user: User, changes: readonly RefChange[]): Promise<void> {
  const requestId = randomUUID()
  const update = repositoryUpdatePayload(world, project, user, changes)
  fireHooks(world, project, { trigger: 'repository_update_events', body: update, systemBody: update, branch: null, requestId })
  const zero = nullSha(project)
  const groups = Map.groupBy(changes, ({ ref, before, after }) => {
    const action = after === zero ? 'removed' : before === zero ? 'created' : 'pushed'
    return `${ref.startsWith('refs/tags/') ? 'tag' : 'branch'} ${action}`
  })
  for (const group of groups.values()) {
    if (group.length > world.features.pushEventHooksLimit) continue
    for (const change of group) fireHooks(world, project, { ...(await pushEvent(world, project, user, change)), requestId })
  }
}

async function pushEvent(world: World, project: Project, user: User, change: RefChange): Promise<Omit<FiredEvent, 'requestId'>> {
  const body = await describePush(world, project, user, change)
  const isTag = change.ref.startsWith('refs/tags/')
  return {
    trigger: isTag ? 'tag_push_events' : 'push_events',
    body,
    systemBody: { ...body, commits: [] },
    branch: isTag ? null : change.ref.slice('refs/heads/'.length),
  }
}
