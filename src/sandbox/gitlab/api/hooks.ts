import { randomUUID } from 'node:crypto'
import { forbidden, message, notFound, ok, Refusal, type Answer } from '../answer.ts'
import type { Hook, HookEvent } from '../hook-model.ts'
import { deliver } from '../hooks.ts'
import { mergeRequestPayload } from '../merge-request-payloads.ts'
import type { Project } from '../model.ts'
import { describePush } from '../push.ts'
import { branchRef, nullSha } from '../repository.ts'
import { getProject } from '../state.ts'
import { changeHook, newHook } from './hook-input.ts'
import { deliveryJson, eventsOf, hookJson } from './hook-json.ts'
import { administeredProject, ownedGroup, signedIn } from './lookup.ts'
import { paginate } from './pagination.ts'
import { route, type ApiCall, type Route } from './router.ts'

const TESTS_PER_MINUTE = 5
const MINUTE_MS = 60_000

/** Finds whose hooks a call is about, after checking that the caller may manage them. */
interface Level {
  readonly level: Hook['level']
  readonly base: string
  owner(call: ApiCall): number | null
}

const LEVELS: readonly Level[] = [
  { level: 'project', base: '/projects/:id/hooks', owner: (call) => administeredProject(call).id },
  { level: 'group', base: '/groups/:id/hooks', owner: ownerOfGroupHooks },
  { level: 'system', base: '/hooks', owner: ownerOfSystemHooks },
]

/** Reading takes `read_api`, writing `api`, and both a Maintainer (group: Owner, system: administrator). */
export const HOOK_ROUTES: readonly Route[] = LEVELS.flatMap((level) => {
  const one = `${level.base}/:hook`
  const scopes = { scopes: level.level === 'system' ? ['api'] : ['api', 'read_api'] }
  return [
    route('GET', level.base, (call) => listHooks(call, level), scopes),
    route('POST', level.base, (call) => createHook(call, level)),
    route('GET', one, (call) => ok(hookJson(call.world, hookOf(call, level))), scopes),
    route('PUT', one, (call) => updateHook(call, level)),
    route('DELETE', one, (call) => deleteHook(call, level)),
    route('POST', `${one}/test/:trigger`, (call) => testHook(call, level)),
    route('GET', `${one}/events`, (call) => listDeliveries(call, level), scopes),
  ]
})

function ownerOfGroupHooks(call: ApiCall): number {
  if (call.world.features.tier === 'free') throw new Refusal({ status: 404, json: { error: '404 Not Found' } })
  return ownedGroup(call).id
}

function ownerOfSystemHooks(call: ApiCall): null {
  if (!signedIn(call).user.admin) throw forbidden()
  return null
}

function hooksOf(call: ApiCall, { level, owner }: Level): Hook[] {
  const ownerId = owner(call)
  return [...call.world.state.hooks.values()].filter((hook) => hook.level === level && hook.ownerId === ownerId)
}

function hookOf(call: ApiCall, level: Level): Hook {
  const hook = hooksOf(call, level).find(({ id }) => id === Number(call.params['hook']))
  if (hook === undefined) throw level.level === 'project' ? new Refusal(message(404, '404 Not found')) : notFound('Hook')
  return hook
}

function listHooks(call: ApiCall, level: Level): Promise<Answer> {
  return paginate(call, 'Hook', hooksOf(call, level), (hook) => hookJson(call.world, hook))
}

function createHook(call: ApiCall, level: Level): Answer {
  const hook = newHook(call.world, level.level, level.owner(call), call.body)
  call.world.state.hooks.set(hook.id, hook)
  return { status: 201, json: hookJson(call.world, hook) }
}

function updateHook(call: ApiCall, level: Level): Answer {
  const hook = hookOf(call, level)
  changeHook(call.world, hook, call.body)
  return ok(hookJson(call.world, hook))
}

function deleteHook(call: ApiCall, level: Level): Answer {
  call.world.state.hooks.delete(hookOf(call, level).id)
  return { status: 204 }
}

/** Sends sample data; success wakes a hook that was disabled. */
async function testHook(call: ApiCall, level: Level): Promise<Answer> {
  const hook = hookOf(call, level)
  const trigger = eventsOf(hook.level).find((event) => event === call.params['trigger'])
  if (trigger === undefined) return { status: 400, json: { error: 'trigger does not have a valid value' } }
  const now = call.world.clock.now()
  hook.testedAt = hook.testedAt.filter((at) => now.getTime() - at.getTime() < MINUTE_MS)
  if (hook.testedAt.length >= TESTS_PER_MINUTE) {
    return { status: 429, json: { message: { error: 'This endpoint has been requested too many times. Try again later.' } } }
  }
  hook.testedAt.push(now)
  const body = await sampleBody(call, hook, trigger)
  if (typeof body === 'string') return message(422, body)
  const delivery = await deliver(call.world, hook, { trigger, body, requestId: randomUUID() })
  const succeeded = delivery.status !== null && delivery.status < 400
  return succeeded ? message(201, '201 Created') : message(422, delivery.answer)
}

function listDeliveries(call: ApiCall, level: Level): Promise<Answer> {
  const hook = hookOf(call, level)
  const deliveries = call.world.state.deliveries.filter(({ hookId }) => hookId === hook.id).toReversed()
  return paginate(call, 'WebHookLog', deliveries, deliveryJson)
}

/** A body made of what the project has; a text says what is missing. */
async function sampleBody(call: ApiCall, hook: Hook, trigger: HookEvent): Promise<Readonly<Record<string, unknown>> | string> {
  const { world } = call
  const project = sampleProject(call, hook)
  if (project === undefined) return 'Ensure the group has a project with commits.'
  const user = signedIn(call).user
  if (trigger === 'merge_requests_events') {
    const request = project.mergeRequests.at(-1)
    return request === undefined
      ? 'Ensure the project has merge requests.'
      : mergeRequestPayload(world, { request, user, action: 'update', changes: {} })
  }
  if (trigger !== 'push_events') return 'Ensure the project has at least one of these.'
  const ref = branchRef(project.defaultBranch)
  const after = project.refs.get(ref)
  return after === undefined
    ? 'Ensure the project has at least one commit.'
    : describePush(world, project, user, { ref, before: nullSha(project), after })
}

function sampleProject({ world: { state } }: ApiCall, hook: Hook): Project | undefined {
  if (hook.level === 'project' && hook.ownerId !== null) return getProject(state, hook.ownerId)
  return state.projects
    .values()
    .find(({ namespaceId, refs }) => refs.size > 0 && (hook.level === 'system' || namespaceId === hook.ownerId))
}
