import { badParameter, notFound, ok, type Answer } from '../answer.ts'
import type { CommitComment, Project } from '../model.ts'
import { branchRef, findCommit, git, readCommits, resolveRevision, type GitCommit } from '../repository.ts'
import { commitDetailJson, commitJson, statsJson } from './commit-json.ts'
import { projectWith, signedIn } from './lookup.ts'
import { offsetHeaders, pageRequest, paginate } from './pagination.ts'
import { choice, flag, time } from './parameters.ts'
import { isEmpty } from './project-json.ts'
import { route, type ApiCall } from './router.ts'
import { userBasicJson } from './user-json.ts'

export const COMMIT_ROUTES = [
  route('GET', '/projects/:id/repository/commits', listCommits, { anonymous: true }),
  route('GET', '/projects/:id/repository/commits/:sha', getCommit, { anonymous: true }),
  route('GET', '/projects/:id/repository/commits/:sha/diff', getDiff, { anonymous: true }),
  route('GET', '/projects/:id/repository/commits/:sha/refs', listRefs, { anonymous: true }),
  route('GET', '/projects/:id/repository/commits/:sha/signature', getSignature, { anonymous: true }),
  route('GET', '/projects/:id/repository/commits/:sha/comments', listComments, { anonymous: true }),
  route('POST', '/projects/:id/repository/commits/:sha/comments', addComment),
]

/** Never carries totals (gitlab#389582); a revision that is not there gives an empty list. */
async function listCommits(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'repository')
  const request = pageRequest(call, 'Commit')
  const revisions = isEmpty(project) ? null : await revisionsOf(call, project)
  const commits = revisions === null ? [] : await readPage(call, project, revisions, request)
  const shown = commits.slice(0, request.perPage)
  const withStats = flag(call, 'with_stats') === true
  const toJson = async (commit: GitCommit) => ({
    ...commitJson(call.world, project, commit),
    ...(withStats ? { stats: await statsJson(call.world, project, commit.sha) } : {}),
  })
  const headers = offsetHeaders(call, request, { hasNext: commits.length > request.perPage, total: null })
  return ok(await Promise.all(shown.map(toJson)), headers)
}

/** What `git log` starts from; null when a name cannot be resolved. */
async function revisionsOf(call: ApiCall, project: Project): Promise<string[] | null> {
  if (flag(call, 'all') === true) return ['--branches', '--tags']
  const name = call.query.get('ref_name') ?? project.defaultBranch
  const range = /^(.+?)(\.{2,3})(.+)$/.exec(name)
  if (range === null) {
    const tip = await resolveName(call, project, name)
    return tip === null ? null : [tip]
  }
  const [from, to] = await Promise.all([resolveName(call, project, range[1] ?? ''), resolveName(call, project, range[3] ?? '')])
  return from === null || to === null ? null : [`${from}${range[2] ?? '..'}${to}`]
}

async function resolveName(call: ApiCall, project: Project, name: string): Promise<string | null> {
  return project.refs.get(branchRef(name)) ?? (await resolveRevision(call.world, project, name))
}

function readPage(
  call: ApiCall,
  project: Project,
  revisions: readonly string[],
  request: { offset: number; perPage: number },
): Promise<GitCommit[]> {
  const since = time(call, 'since')
  const until = time(call, 'until')
  const author = call.query.get('author')
  const path = call.query.get('path')
  // `all=true` ignores the page on recent versions (gitlab#586997).
  const offset = flag(call, 'all') === true ? 0 : request.offset
  return readCommits(call.world, project, [
    `--skip=${offset}`,
    `--max-count=${request.perPage + 1}`,
    ...(since === null ? [] : [`--since=${since.toISOString()}`]),
    ...(until === null ? [] : [`--until=${until.toISOString()}`]),
    ...(author === null ? [] : ['--fixed-strings', `--author=${author}`]),
    ...(flag(call, 'first_parent') === true ? ['--first-parent'] : []),
    ...(choice(call, 'order', ['default', 'topo']) === 'topo' ? ['--topo-order'] : []),
    ...revisions,
    '--',
    ...(path === null ? [] : [path]),
  ])
}

async function getCommit(call: ApiCall): Promise<Answer> {
  const { project, commit } = await commitOf(call)
  return ok(await commitDetailJson(call.world, project, commit, flag(call, 'stats') !== false))
}

async function getDiff(call: ApiCall): Promise<Answer> {
  const { project, commit } = await commitOf(call)
  const text = await git(call.world, project, [
    '-c',
    'core.quotePath=false',
    'show',
    '--format=',
    '--find-renames',
    '--diff-merges=first-parent',
    commit.sha,
  ])
  const patches = text.split(/^(?=diff --git )/m).filter((patch) => patch.startsWith('diff --git '))
  return paginate(call, 'Diff', patches, diffJson)
}

async function listRefs(call: ApiCall): Promise<Answer> {
  const { project, commit } = await commitOf(call)
  const type = choice(call, 'type', ['all', 'branch', 'tag'])
  const names = async (kind: 'branch' | 'tag', folder: string) => {
    if (type !== 'all' && type !== kind) return []
    const text = await git(call.world, project, [
      'for-each-ref',
      `--contains=${commit.sha}`,
      '--format=%(refname:lstrip=2)',
      folder,
    ])
    return text === '' ? [] : text.split('\n').map((name) => ({ type: kind, name }))
  }
  return paginate(call, 'Ref', [...(await names('branch', 'refs/heads')), ...(await names('tag', 'refs/tags'))], (ref) => ref)
}

/** An unsigned commit is answered 404, as one that is not there. */
async function getSignature(call: ApiCall): Promise<Answer> {
  const { project, commit } = await commitOf(call)
  const signature = project.signatures.get(commit.sha)
  if (signature === undefined) throw notFound('GPG Signature')
  return ok({
    signature_type: 'SSH',
    verification_status: signature,
    key: {
      id: 1,
      title: 'Key',
      created_at: project.createdAt.toISOString(),
      expires_at: null,
      key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEx4YW1wbGUga2V5IG9mIHRoZSBzYW5kYm94',
      usage_type: 'auth_and_signing',
    },
    commit_source: 'gitaly',
  })
}

async function listComments(call: ApiCall): Promise<Answer> {
  const { project, commit } = await commitOf(call)
  const comments = project.commitComments.filter(({ sha }) => sha === commit.sha)
  return paginate(call, 'Note', comments, (comment) => commentJson(call, comment))
}

async function addComment(call: ApiCall): Promise<Answer> {
  const { project, commit } = await commitOf(call)
  const { user } = signedIn(call)
  const note = call.body['note']
  if (typeof note !== 'string' || note === '') throw badParameter('note is missing')
  const comment = { sha: commit.sha, note, author: user, createdAt: call.world.clock.now() }
  project.commitComments.push(comment)
  return { status: 201, json: commentJson(call, comment) }
}

function commentJson({ world }: ApiCall, { note, author, createdAt }: CommitComment) {
  const place = { path: null, line: null, line_type: null }
  return { note, ...place, author: userBasicJson(world, author), created_at: createdAt.toISOString() }
}

async function commitOf(call: ApiCall): Promise<{ project: Project; commit: GitCommit }> {
  const project = projectWith(call, 'repository')
  const commit = await findCommit(call.world, project, call.params['sha'] ?? '')
  if (commit === null) throw notFound('Commit')
  return { project, commit }
}

function diffJson(patch: string) {
  const head = patch.slice(0, patch.indexOf('\n@@') + 1 || undefined)
  const { before, after } = pathsOf(head)
  const binary = /^Binary files .* differ$/m.exec(head)?.[0]
  const start = patch.indexOf('\n@@')
  return {
    diff: start < 0 ? (binary === undefined ? '' : `${binary}\n`) : patch.slice(start + 1),
    collapsed: false,
    too_large: false,
    new_path: after,
    old_path: before,
    a_mode: /^(?:old|deleted file) mode (\d+)/m.exec(head)?.[1] ?? '100644',
    b_mode: /^(?:new|new file) mode (\d+)/m.exec(head)?.[1] ?? '100644',
    new_file: /^new file mode/m.test(head),
    renamed_file: /^rename from /m.test(head),
    deleted_file: /^deleted file mode/m.test(head),
    generated_file: false,
  }
}

/** Names that Git puts into quotes hold control characters, quotes or backslashes, written as in C. */
function pathsOf(head: string): { before: string; after: string } {
  const from = /^rename from (.+)$/m.exec(head)?.[1]
  const to = /^rename to (.+)$/m.exec(head)?.[1]
  if (from !== undefined && to !== undefined) return { before: unquote(from), after: unquote(to) }
  const quoted = /^diff --git "a\/(?:[^"\\]|\\.)*" ("b\/(?:[^"\\]|\\.)*")$/m.exec(head)?.[1]
  const path = quoted === undefined ? (/^diff --git a\/(.+) b\/\1$/m.exec(head)?.[1] ?? '') : unquote(quoted).slice(2)
  return { before: path, after: path }
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' }

function unquote(name: string): string {
  if (!name.startsWith('"')) return name
  return name
    .slice(1, -1)
    .replaceAll(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, letter: string | undefined) =>
      octal === undefined ? (ESCAPES[letter ?? ''] ?? letter ?? '') : String.fromCodePoint(Number.parseInt(octal, 8)),
    )
}
