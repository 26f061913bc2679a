import type { Answer } from '../answer.ts'
import type { PushEvent } from '../model.ts'
import { getUser } from '../state.ts'
import { projectOf } from './lookup.ts'
import { paginate } from './pagination.ts'
import { choice, sorted } from './parameters.ts'
import { route, type ApiCall } from './router.ts'
import { userBasicJson } from './user-json.ts'

export const EVENT_ROUTES = [route('GET', '/projects/:id/events', listEvents, { anonymous: true })]

/** Only pushes are recorded. `after` and `before` are days, both exclusive. */
function listEvents(call: ApiCall): Promise<Answer> {
  const project = projectOf(call)
  const after = call.query.get('after')
  const before = call.query.get('before')
  const action = call.query.get('action')
  const day = ({ createdAt }: PushEvent) => createdAt.toISOString().slice(0, 10)
  const kept = project.events.filter(
    (event) =>
      (action === null || action === 'pushed') &&
      (after === null || day(event) > after) &&
      (before === null || day(event) < before),
  )
  return paginate(
    call,
    'Event',
    sorted(kept, ({ createdAt }) => createdAt.getTime(), choice(call, 'sort', ['desc', 'asc'])),
    (event) => {
      const author = userBasicJson(call.world, getUser(call.world.state, event.userId))
      return {
        id: event.id,
        project_id: project.id,
        action_name: event.action,
        target_id: null,
        target_iid: null,
        target_type: null,
        author_id: event.userId,
        target_title: null,
        created_at: event.createdAt.toISOString(),
        author,
        imported: false,
        imported_from: 'none',
        push_data: {
          commit_count: event.commitCount,
          action: { 'pushed to': 'pushed', 'pushed new': 'created', deleted: 'removed' }[event.action],
          ref_type: event.refType,
          commit_from: event.before,
          commit_to: event.after,
          ref: event.ref,
          commit_title: null,
          ref_count: null,
        },
        author_username: author.username,
      }
    },
  )
}
