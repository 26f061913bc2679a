import { runGit } from '../run-git.ts'
import type { Project } from './model.ts'
import type { World } from './state.ts'

export interface GitCommit {
  readonly sha: string
  readonly parents: readonly string[]
  readonly authorName: string
  readonly authorEmail: string
  /** RFC 3339 with the author's time zone. */
  readonly authoredAt: string
  readonly committerName: string
  readonly committerEmail: string
  readonly committedAt: string
  readonly message: string
  /** Only when asked for. */
  readonly files: readonly { readonly status: string; readonly path: string }[]
}

const FORMAT = '--format=%x1e%H%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1d'

/** Runs git in the project's bare repository. */
export function git(world: World, project: Project, args: readonly string[], input?: string): Promise<string> {
  return runGit(args, { folder: project.folder, env: world.env, ...(input === undefined ? {} : { input }) })
}

/** Like `git`, but a failing command is null: for questions whose "no" is a failure. */
export async function tryGit(world: World, project: Project, args: readonly string[]): Promise<string | null> {
  try {
    return await git(world, project, args)
  } catch (error) {
    world.log.debug({ projectId: project.id, command: args[0], error }, 'sandbox git command failed')
    return null
  }
}

/** Branches and tags: full ref name to object. */
export async function listRefs(world: World, project: Project): Promise<Map<string, string>> {
  const text = await git(world, project, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags'])
  return parseRefs(text)
}

export function parseRefs(text: string): Map<string, string> {
  const refs = new Map<string, string>()
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    if (space > 0) refs.set(line.slice(0, space), line.slice(space + 1))
  }
  return refs
}

/** Runs `git log` with these arguments, newest first; `files` adds the changed paths against the first parent. */
export async function readCommits(world: World, project: Project, args: readonly string[], files = false): Promise<GitCommit[]> {
  const listing = files ? ['--name-status', '--no-renames', '--diff-merges=first-parent'] : ['--no-patch']
  const text = await git(world, project, ['log', '--no-mailmap', FORMAT, ...listing, ...args])
  return text.split('\x1e').slice(1).map(parseCommit)
}

/** These commits in this order. */
export function readCommitsById(world: World, project: Project, shas: readonly string[]): Promise<GitCommit[]> {
  return shas.length === 0 ? Promise.resolve([]) : readCommits(world, project, ['--no-walk=unsorted', ...shas])
}

/** The commit a revision names; null when there is none. */
export async function findCommit(world: World, project: Project, revision: string): Promise<GitCommit | null> {
  const sha = await resolveRevision(world, project, revision)
  return sha === null ? null : ((await readCommits(world, project, ['--max-count=1', sha]))[0] ?? null)
}

/** The commit's full hash; null when the revision names none. */
export function resolveRevision(world: World, project: Project, revision: string): Promise<string | null> {
  if (revision.startsWith('-')) return Promise.resolve(null)
  return tryGit(world, project, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`])
}

export async function countCommits(world: World, project: Project, args: readonly string[]): Promise<number> {
  return Number(await git(world, project, ['rev-list', '--count', ...args]))
}

export async function isAncestor(world: World, project: Project, ancestor: string, descendant: string): Promise<boolean> {
  return (await tryGit(world, project, ['merge-base', '--is-ancestor', ancestor, descendant])) !== null
}

export function nullSha(project: Project): string {
  return '0'.repeat(project.objectFormat === 'sha256' ? 64 : 40)
}

export function branchRef(name: string): string {
  return `refs/heads/${name}`
}

export function mergeRequestRef(iid: number): string {
  return `refs/merge-requests/${iid}/head`
}

function parseCommit(record: string): GitCommit {
  const end = record.indexOf('\x1d')
  const [
    sha = '',
    parents = '',
    authorName = '',
    authorEmail = '',
    authoredAt = '',
    committerName = '',
    committerEmail = '',
    committedAt = '',
    ...message
  ] = record.slice(0, end).split('\x1f')
  const files = record
    .slice(end + 1)
    .split('\n')
    .flatMap((line) => {
      const [status, path] = line.split('\t')
      return status === undefined || path === undefined ? [] : [{ status, path }]
    })
  return {
    sha,
    parents: parents === '' ? [] : parents.split(' '),
    authorName,
    authorEmail,
    authoredAt,
    committerName,
    committerEmail,
    committedAt,
    message: message.join('\x1f'),
    files,
  }
}
