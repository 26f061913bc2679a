import { roleInProject } from '../access.ts'
import { badParameter, notFound, ok, type Answer } from '../answer.ts'
import { ROLES, type Project } from '../model.ts'
import { branchRef, git, readCommitsById, type GitCommit } from '../repository.ts'
import { branchJson, commitJson, mergedBranches } from './commit-json.ts'
import { projectWith, viewer } from './lookup.ts'
import { offsetHeaders, pageRequest, paginate, paginateByKey } from './pagination.ts'
import { choice } from './parameters.ts'
import { route, type ApiCall } from './router.ts'

export const BRANCH_ROUTES = [
  route('GET', '/projects/:id/repository/branches', listBranches, { anonymous: true }),
  route('GET', '/projects/:id/repository/branches/:branch', getBranch, { anonymous: true }),
  route('GET', '/projects/:id/repository/tags', listTags, { anonymous: true }),
]

async function listBranches(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'repository')
  const names = await wantedNames(call, project)
  if (call.query.get('pagination') === 'keyset') {
    const token = call.query.get('page_token')
    const rest = token === null ? names : names.slice(names.indexOf(token) + 1)
    const perPage = pageRequest(call, 'Branch').perPage
    const jsonByName = await jsonOf(call, project, rest.slice(0, perPage))
    return paginateByKey(
      call,
      rest,
      (name) => ({ page_token: name }),
      (name) => jsonByName.get(name),
    )
  }
  const request = pageRequest(call, 'Branch')
  const shown = names.slice(request.offset, request.offset + request.perPage)
  const headers = offsetHeaders(call, request, { hasNext: request.offset + request.perPage < names.length, total: names.length })
  return ok([...(await jsonOf(call, project, shown)).values()], headers)
}

async function getBranch(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'repository')
  const name = call.params['branch'] ?? ''
  if (!project.refs.has(branchRef(name))) throw notFound('Branch')
  return ok((await jsonOf(call, project, [name])).get(name))
}

async function listTags(call: ApiCall): Promise<Answer> {
  const project = projectWith(call, 'repository')
  const text = await git(call.world, project, [
    'for-each-ref',
    '--sort=-creatordate',
    '--format=%(refname:lstrip=2) %(objectname) %(objecttype)',
    'refs/tags',
  ])
  const tags = text === '' ? [] : text.split('\n').map((line) => line.split(' '))
  return paginate(call, 'Tag', tags, async ([name = '', object = '', type = '']) => {
    const [commit] = await readCommitsById(call.world, project, [object])
    const annotation =
      type === 'tag'
        ? (await git(call.world, project, ['for-each-ref', '--format=%(contents)', `refs/tags/${name}`])).trimEnd()
        : ''
    const json = commit === undefined ? null : commitJson(call.world, project, commit)
    return {
      name,
      message: annotation,
      target: object,
      commit: json,
      release: null,
      protected: false,
      created_at: type === 'tag' ? (json?.created_at ?? null) : null,
    }
  })
}

async function wantedNames(call: ApiCall, project: Project): Promise<string[]> {
  const sort = choice(call, 'sort', ['name_asc', 'updated_asc', 'updated_desc'])
  const order = { name_asc: 'refname', updated_asc: 'committerdate', updated_desc: '-committerdate' }[sort]
  const text = await git(call.world, project, ['for-each-ref', `--sort=${order}`, '--format=%(refname:lstrip=2)', 'refs/heads'])
  const search = searchOf(call)
  return text === '' ? [] : text.split('\n').filter(search)
}

function searchOf(call: ApiCall): (name: string) => boolean {
  const regex = call.query.get('regex')
  const search = call.query.get('search')
  if (regex !== null) {
    try {
      const expression = new RegExp(regex)
      return (name) => expression.test(name)
    } catch {
      throw badParameter('regex is invalid')
    }
  }
  return search === null ? () => true : (name) => name.toLowerCase().includes(search.replaceAll(/[\^$]/g, '').toLowerCase())
}

async function jsonOf(call: ApiCall, project: Project, names: readonly string[]): Promise<Map<string, unknown>> {
  const heads = names.map((name) => project.refs.get(branchRef(name)) ?? '').filter((sha) => sha !== '')
  const commits = new Map<string, GitCommit>()
  for (const commit of await readCommitsById(call.world, project, [...new Set(heads)])) commits.set(commit.sha, commit)
  const merged = await mergedBranches(call.world, project)
  const canPush = roleInProject(call.world.state, viewer(call), project) >= ROLES.developer
  const result = new Map<string, unknown>()
  for (const name of names) {
    const commit = commits.get(project.refs.get(branchRef(name)) ?? '')
    if (commit !== undefined)
      result.set(name, branchJson(call.world, project, { name, commit, merged: merged.has(name), canPush }))
  }
  return result
}
