import type { Clock } from '../../lib/clock.ts'
import { findVisibleIssue, mayIn } from './access.ts'
import { administrationPage } from './administration-page.ts'
import { batchAddresses, readBatch } from './context-batch.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { SafeHtml } from './html.ts'
import { issuePage } from './issue-page.ts'
import { issueMissingPage, issuesPage, projectsPage } from './list-pages.ts'
import { LOOK_CSS } from './look.ts'
import type { Frame } from './page-frame.ts'
import type { World } from './world.ts'

export interface PagesOptions {
  readonly world: World
  /** Name of the user who looks at the pages. */
  readonly demoUser: string
  /** Value of the session cookie that signs that user in. */
  readonly session: string
  readonly contextPath: string
  readonly clock: Clock
}

/** Whether a path is for people (or one of their page's files) and not REST. */
export function isPage(path: string): boolean {
  return !path.startsWith('/rest/')
}

/** The pages people look at, served to one fixed user without a login; the app works there as in Jira. */
export function createPages({ world, demoUser, session, contextPath, clock }: PagesOptions) {
  const cookie = `JSESSIONID=${session}; Path=${contextPath}/; HttpOnly; SameSite=Lax`
  const user = world.findUser(demoUser)
  const frame: Frame = {
    contextPath,
    userName: user?.displayName ?? 'Anonymous',
    isAdministrator: user?.administrator === true,
    resourcesOf(context) {
      const { scripts, styles } = batchAddresses(world.app, context)
      const below = (path: string) => `${contextPath}${path}`
      return { scripts: scripts.map(below), styles: styles.map(below) }
    },
  }

  const page = (status: number, body: SafeHtml): Answer => ({
    status,
    headers: {
      'content-type': 'text/html;charset=UTF-8',
      'set-cookie': cookie,
      // Stricter than Jira today: what works here works there.
      'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'",
    },
    body: body.text,
  })

  function browse(key: string): Answer {
    const issue = findVisibleIssue(world, key, user)
    if (issue === null) return page(404, issueMissingPage(frame, key))
    // A former key leads to the new one, as in Jira.
    if (issue.key !== key) return { status: 302, headers: { location: `${contextPath}/browse/${issue.key}` } }
    const viewer = { user, project: world.projectOf(issue) }
    const panels = (world.app?.panels ?? []).filter(({ isShown }) => isShown(viewer)).toSorted((a, b) => a.weight - b.weight)
    return page(200, issuePage({ frame, issue, world, panels, now: clock.now() }))
  }

  function administration(): Answer {
    if (!frame.isAdministrator) return page(403, issueMissingPage(frame, 'Administration'))
    return page(200, administrationPage({ frame, app: world.app, viewer: { user, project: null } }))
  }

  function file(path: string): Answer | null {
    if (path === '/favicon.ico') return { status: 204 }
    if (path === '/s/look.css') return { status: 200, headers: { 'content-type': 'text/css;charset=UTF-8' }, body: LOOK_CSS }
    const batch = readBatch(world.app, path)
    return batch === null ? null : { status: 200, headers: { 'content-type': `${batch.type};charset=UTF-8` }, body: batch.text }
  }

  return {
    answer({ method, path, query }: Exchange): Answer {
      if (method !== 'GET') return { status: 405, body: { message: 'HTTP 405 Method Not Allowed' } }
      const projects = world.projects.filter((project) => mayIn(project, user, 'BROWSE_PROJECTS'))
      const issueKey = /^\/browse\/([^/]+-\d+)$/.exec(path)?.[1]
      if (issueKey !== undefined) return browse(decodeURIComponent(issueKey))
      const projectKey = /^\/(?:browse|projects)\/([^/]+)$/.exec(path)?.[1]
      const project = projectKey === undefined ? null : projects.find(({ key }) => key === decodeURIComponent(projectKey))
      if (project)
        return page(200, issuesPage({ frame, world, project, start: Number(query.get('start') ?? 0), now: clock.now() }))
      if (path === '/' || path === '/projects') return page(200, projectsPage({ frame, world, projects, now: clock.now() }))
      if (path === '/secure/admin/applications') return administration()
      return file(path) ?? page(404, issueMissingPage(frame, path.slice(1)))
    },
  }
}
