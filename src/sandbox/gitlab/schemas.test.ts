import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lenient, unknownNames } from './test-openapi-check.ts'
import { fillRepository, startTestGitLab, type TestGitLab } from './test-setup.ts'

/** Structures published by GitLab, beside the repository on some machines: checked in addition to our own. */
const SHARED = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const OWN = new URL('fixtures/answers.schema.json', import.meta.url)

let test: TestGitLab
let answers: Record<string, unknown>
let hooks: Record<string, Record<string, unknown>>

beforeAll(async () => {
  test = await startTestGitLab()
  await furnish()
  answers = await readAnswers()
  await test.gitlab.settle()
  hooks = Object.fromEntries(test.gitlab.deliveredHooks.map(({ body }) => [String(body['object_kind']), body]))
})
afterAll(() => test.dispose())

/** One of everything. */
async function furnish(): Promise<void> {
  const { gitlab, shop, maintainer } = test
  const events = {
    push_events: true,
    merge_requests_events: true,
    note_events: true,
    pipeline_events: true,
    deployment_events: true,
  }
  await test.call(`/projects/${shop.id}/hooks`, { method: 'POST', body: { url: 'http://127.0.0.1:9/', ...events } })
  await fillRepository(gitlab, shop, 1, 'topic', shop.refs.get('refs/heads/main'))
  await gitlab.git(shop, ['update-ref', 'refs/heads/pushed', shop.refs.get('refs/heads/topic') ?? ''])
  await gitlab.noticePush(shop, maintainer)
  const reviewer = gitlab.addUser({ username: 'rosa', name: 'Rosa Klein' })
  const request = await gitlab.openMergeRequest(shop, {
    author: maintainer,
    title: 'SHOP-7',
    sourceBranch: 'topic',
    reviewers: [reviewer],
    assignees: [maintainer],
    labels: ['web'],
  })
  await gitlab.approve(request, reviewer)
  await gitlab.addNote(request, reviewer, 'Fine')
  gitlab.addPipeline(shop, { ref: 'main' })
  gitlab.addDeployment(shop, { environment: gitlab.addEnvironment(shop, { name: 'staging', tier: 'staging' }), ref: 'main' })
}

async function readAnswers(): Promise<Record<string, unknown>> {
  const project = `/projects/${test.shop.id}`
  const paths = {
    user: '/user',
    users: '/users',
    metadata: '/metadata',
    token: '/personal_access_tokens/self',
    projects: '/projects',
    project: `${project}?statistics=true`,
    groupProjects: '/groups/acme/projects',
    group: '/groups/acme?with_projects=false',
    namespace: '/namespaces/acme',
    branches: `${project}/repository/branches`,
    commits: `${project}/repository/commits`,
    commit: `${project}/repository/commits/main`,
    mergeRequests: `${project}/merge_requests`,
    mergeRequest: `${project}/merge_requests/1`,
    approvals: `${project}/merge_requests/1/approvals`,
    reviewers: `${project}/merge_requests/1/reviewers`,
    notes: `${project}/merge_requests/1/notes`,
    hooks: `${project}/hooks`,
    pipelines: `${project}/pipelines`,
    jobs: `${project}/pipelines/${test.shop.pipelines[0]?.id}/jobs`,
    deployments: `${project}/deployments`,
    environments: `${project}/environments`,
  }
  const read = async ([name, path]: [string, string]) => {
    const { status, json, text } = await test.call(path)
    expect(status, `${path}: ${text}`).toBe(200)
    return [name, json]
  }
  return Object.fromEntries(await Promise.all(Object.entries(paths).map(read))) as Record<string, unknown>
}

function checker(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true })
  formats.default(ajv)
  return ajv
}

/** Throws a failed assertion that names what does not fit. */
function expectValid(validate: ValidateFunction, value: unknown, what: string): void {
  validate(value)
  expect(validate.errors ?? [], what).toEqual([])
}

it('answers and fires what a connector reads', async () => {
  const ajv = checker().addSchema(JSON.parse(await readFile(OWN, 'utf8')) as AnySchema, 'own')
  const check = (definition: string, value: unknown, isList = false) => {
    const one = { $ref: `own#/definitions/${definition}` }
    expectValid(ajv.compile(isList ? { type: 'array', minItems: 1, items: one } : one), value, definition)
  }

  check('user', answers['user'])
  check('project', answers['project'])
  check('project', answers['projects'], true)
  check('project', answers['groupProjects'], true)
  check('branch', answers['branches'], true)
  check('commit', answers['commits'], true)
  check('commit', answers['commit'])
  check('mergeRequest', answers['mergeRequests'], true)
  check('mergeRequest', answers['mergeRequest'])
  check('hook', answers['hooks'], true)
  check('pushHook', hooks['push'])
  check('mergeRequestHook', hooks['merge_request'])
  expect(Object.keys(hooks).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'deployment',
    'merge_request',
    'note',
    'pipeline',
    'push',
  ])
})

it("notices an answer that does not fit (the check's own check)", async () => {
  const ajv = checker().addSchema(JSON.parse(await readFile(OWN, 'utf8')) as AnySchema, 'own')
  const validate = ajv.compile({ $ref: 'own#/definitions/project' })

  expect(validate({ ...(answers['project'] as object), id: '501' })).toBe(false)
  expect(validate({ ...(answers['project'] as object), last_activity_at: 'yesterday' })).toBe(false)
  expect(unknownNames({ id: 1, nope: 2 }, { properties: { id: {} } }, {})).toEqual(['nope'])
})

it('fits the schemas and the OpenAPI document of GitLab where they are at hand', async () => {
  const folder = join(SHARED, 'gitlab-schemas')
  if (existsSync(folder)) await checkPublishedSchemas(folder)
  const document = join(SHARED, 'gitlab-openapi.subset.json')
  if (existsSync(document)) await checkOpenApi(document)
  const payloads = join(SHARED, 'gitlab-payloads')
  if (existsSync(payloads)) await checkPayloads(payloads)
  expect(Object.keys(answers)).toHaveLength(22)
})

async function checkPublishedSchemas(folder: string): Promise<void> {
  const ajv = checker()
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || file.name === 'openapi_v3_entities.json') continue
    const path = join(file.parentPath, file.name)
    // GitLab's files lag behind its API: names they do not have yet are no error.
    const text = (await readFile(path, 'utf8')).replaceAll('"additionalProperties": false', '"additionalProperties": true')
    ajv.addSchema({ ...(JSON.parse(text) as object), $id: `file:///${relative(folder, path)}` })
  }
  ajv.addSchema({ $id: 'file:///milestone.json', type: 'object' })
  const check = (schema: string, value: unknown, isList = false) => {
    const one = { $ref: `file:///${schema}` }
    expectValid(ajv.compile(isList ? { type: 'array', minItems: 1, items: one } : one), value, schema)
  }
  check('projects.json', answers['projects'])
  check('projects.json', answers['groupProjects'])
  check('branch.json', answers['branches'], true)
  check('commit/basic.json', answers['commits'], true)
  check('commit/detail.json', answers['commit'])
  check('merge_requests.json', answers['mergeRequests'])
  check('merge_request.json', answers['mergeRequest'])
  check('project_hook.json', answers['hooks'], true)
  check('pipeline/basic.json', answers['pipelines'], true)
  check('job.json', answers['jobs'], true)
  check('deployment.json', answers['deployments'], true)
  check('environment.json', answers['environments'], true)
}

async function checkOpenApi(path: string): Promise<void> {
  const { components } = JSON.parse(await readFile(path, 'utf8')) as {
    components: { schemas: Record<string, Record<string, unknown>> }
  }
  const entities: Record<string, string> = {
    user: 'UserPublic',
    users: 'UserBasic',
    metadata: 'Metadata',
    token: 'PersonalAccessTokenWithLastUsedIps',
    projects: 'ProjectWithAccess',
    project: 'ProjectWithAccess',
    groupProjects: 'Project',
    group: 'GroupDetail',
    namespace: 'Namespace',
    branches: 'Branch',
    commits: 'Commit',
    commit: 'CommitDetail',
    mergeRequests: 'MergeRequestBasic',
    mergeRequest: 'MergeRequest',
    approvals: 'MergeRequestApprovals',
    reviewers: 'MergeRequestReviewer',
    notes: 'Note',
    hooks: 'ProjectHook',
    pipelines: 'CiPipelineWithMetadata',
    jobs: 'CiJob',
    deployments: 'Deployment',
    environments: 'Environment',
  }
  const ajv = checker()
  for (const [name, entity] of Object.entries(entities)) {
    const schema = components.schemas[`APIEntities${entity}`] ?? {}
    const items = Array.isArray(answers[name]) ? (answers[name] as unknown[]) : [answers[name]]
    for (const item of items) {
      expectValid(ajv.compile(lenient(schema, components.schemas)), item, entity)
      expect(unknownNames(item, schema, components.schemas), entity).toEqual([])
    }
  }
}

/** Our bodies have no field of another type than the recorded ones, and none of the names a connector reads is missing. */
async function checkPayloads(folder: string): Promise<void> {
  const samples = {
    push: 'push.json',
    merge_request: 'merge_request.open.json',
    note: 'note.merge_request.json',
    pipeline: 'pipeline.json',
    deployment: 'deployment.json',
  }
  for (const [kind, file] of Object.entries(samples)) {
    const sample = JSON.parse(await readFile(join(folder, file), 'utf8')) as unknown
    expect(differences(sample, hooks[kind], kind)).toEqual([])
  }
}

function differences(sample: unknown, ours: unknown, path: string): string[] {
  if (sample === null || ours === null || ours === undefined || sample === undefined) return []
  if (Array.isArray(sample) && Array.isArray(ours))
    return sample.length === 0 || ours.length === 0 ? [] : differences(sample[0], ours[0], `${path}[]`)
  if (typeof sample !== typeof ours || Array.isArray(sample) !== Array.isArray(ours))
    return [`${path}: ${typeof ours} instead of ${typeof sample}`]
  if (typeof sample !== 'object') return []
  return Object.entries(sample).flatMap(([name, value]) =>
    differences(value, (ours as Record<string, unknown>)[name], `${path}.${name}`),
  )
}
