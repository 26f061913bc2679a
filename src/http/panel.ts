import { z } from 'zod'
import { loadFilesOfCommit } from '../app/panel/commit-files.ts'
import { offerBranches } from '../app/panel/create-branch.ts'
import { linkByHand, listLinksByHand, takeBackLink } from '../app/panel/link-by-hand.ts'
import { refreshIssue } from '../app/panel/refresh-issue.ts'
import {
  commitFilesQuerySchema,
  commitFilesSchema,
  createBranchQuerySchema,
  createBranchSchema,
  issueRefreshSchema,
  manualLinkSchema,
  manualLinksSchema,
  newManualLinkSchema,
  shaSchema,
  type ManualLinkJson,
} from '../contract/panel.ts'
import { pageQuerySchema } from '../contract/page.ts'
import { issueKeySchema } from '../contract/text.ts'
import type { ManualLinkEntry } from '../db/views/manual-link-list.ts'
import { repositoryId, type IssueKey, type Sha } from '../domain/ids.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { toAsker, toCallerName } from './caller.ts'
import { createCursor, cursorNumber } from './cursor.ts'
import type { HttpApp, RouteContext } from './http-app.ts'
import { ensureMayView } from './issue-access.ts'
import { getIssueKey } from './issue-reference.ts'
import { noBody, problems } from './responses.ts'

const params = z.object({ key: issueKeySchema })
const tags = ['issues']

const linksCursor = createCursor('links', cursorNumber)

/** What the panel of an issue reads beside its development information, for whoever may see the issue. */
export function registerPanelReading(http: HttpApp, context: RouteContext): void {
  const { app, closing } = context
  http.post(
    '/issues/:key/commits/:sha/files',
    {
      config: { access: 'issue' },
      schema: {
        operationId: 'loadCommitFiles',
        summary: 'Files of one commit of an issue, loaded from the Git host now unless they were before',
        tags,
        params: params.extend({ sha: shaSchema }),
        querystring: commitFilesQuerySchema,
        response: { 200: commitFilesSchema, ...problems(400, 401, 404, 502, 503, 504) },
      },
    },
    async (request) => {
      await ensureMayView(context, request, request.params.key)
      const key = await getIssueKey(app, request.params.key)
      const chosen = request.query.repository
      const { fileCount, exact, files, loadedAt } = await loadFilesOfCommit(
        app,
        { key, sha: request.params.sha as Sha, repositoryId: chosen === undefined ? null : repositoryId(chosen) },
        closing,
      )
      return { fileCount, fileCountIsExact: exact, files, loadedAt: loadedAt.toISOString() }
    },
  )

  registerPanelWork(http, context)
}

function registerPanelWork(http: HttpApp, context: RouteContext): void {
  const { app, closing } = context
  http.get(
    '/issues/:key/create-branch',
    {
      config: { access: 'issue' },
      schema: {
        operationId: 'offerBranches',
        summary: 'Where to make a branch for an issue',
        tags,
        params,
        querystring: createBranchQuerySchema,
        response: { 200: createBranchSchema, ...problems(400, 401, 404) },
      },
    },
    async (request) => {
      await ensureMayView(context, request, request.params.key)
      const key = await getIssueKey(app, request.params.key)
      const chosen = request.query.repository
      return offerBranches(app, { key, repositoryId: chosen === undefined ? null : repositoryId(chosen) }, closing)
    },
  )

  http.post(
    '/issues/:key/refresh',
    {
      config: { access: 'issue' },
      schema: {
        operationId: 'refreshIssue',
        summary: 'Look again at the repositories of an issue; within ten seconds of the last time nothing more is done',
        tags,
        params,
        response: { 202: issueRefreshSchema, ...problems(400, 401, 404) },
      },
    },
    async (request, reply) => {
      await ensureMayView(context, request, request.params.key)
      const key = await getIssueKey(app, request.params.key)
      void reply.code(202)
      return { repositories: await refreshIssue(app, key, toAsker(request.caller)) }
    },
  )
}

/** Links by hand: administrators only. */
export function registerManualLinks(http: HttpApp, context: RouteContext): void {
  const { app } = context
  http.get(
    '/issues/:key/links',
    {
      schema: {
        operationId: 'listManualLinks',
        summary: 'What was linked to an issue or unlinked from it by hand, newest first',
        tags,
        params,
        querystring: pageQuerySchema,
        response: { 200: manualLinksSchema, ...problems(400, 401, 404) },
      },
    },
    async ({ params: { key: text }, query }) => {
      const page = { before: linksCursor.decode(query.cursor), limit: query.limit }
      const { items, next } = await listLinksByHand(app, await getIssueKey(app, text), page)
      return { items: items.map(toLinkJson), next: linksCursor.encode(next) }
    },
  )

  registerManualLinkChanges(http, context)
}

function registerManualLinkChanges(http: HttpApp, { app, closing }: RouteContext): void {
  http.post(
    '/issues/:key/links',
    {
      schema: {
        operationId: 'linkByHand',
        summary: 'Link a commit or a pull request to an issue, or unlink it, whatever its keys say',
        tags,
        params,
        body: newManualLinkSchema,
        response: { 201: manualLinkSchema, ...problems(400, 401, 404, 409, 502, 503, 504) },
      },
    },
    async (request, reply) => {
      const key = await getIssueKey(app, request.params.key)
      const { action, kind, repositoryId: repository, id, reason } = request.body
      const entity = kind === 'commit' ? id.toLowerCase() : id
      const link = {
        key,
        action,
        kind,
        repositoryId: repositoryId(repository),
        entity,
        reason,
        who: toCallerName(request.caller) ?? 'somebody',
      }
      const linkId = await linkByHand(app, link, closing)
      void reply.code(201)
      return readLink(app, key, linkId)
    },
  )

  http.delete(
    '/issues/:key/links/:linkId',
    {
      schema: {
        operationId: 'takeBackLink',
        summary: 'Take back what was said by hand: the keys count again',
        tags,
        params: params.extend({ linkId: z.string().regex(/^[1-9][0-9]{0,14}$/) }),
        response: { 204: noBody, ...problems(400, 401, 404) },
      },
    },
    async (request, reply) => {
      await takeBackLink(app, await getIssueKey(app, request.params.key), Number(request.params.linkId))
      return reply.code(204).send()
    },
  )
}

async function readLink(app: RouteContext['app'], key: IssueKey, id: number): Promise<ManualLinkJson> {
  const { items } = await listLinksByHand(app, key, { before: id + 1, limit: 1 })
  const [link] = items
  if (link !== undefined && link.id === id) return toLinkJson(link)
  throw new ConnectorError('manual-link-not-found', { userMessage: `${key} has no link by hand with the id ${id}.` })
}

function toLinkJson({ id, entity, at, ...link }: ManualLinkEntry): ManualLinkJson {
  return { ...link, linkId: String(id), id: entity, at: at.toISOString() }
}
