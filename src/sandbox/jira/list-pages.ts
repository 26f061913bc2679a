import { html, type SafeHtml } from './html.ts'
import { time } from './page-time.ts'
import { type Frame, initials, pageFrame } from './page-frame.ts'
import type { SandboxIssue, SandboxProject } from './types.ts'
import type { World } from './world.ts'

const RECENT = 15
const PER_PAGE = 50

interface ListPage {
  readonly frame: Frame
  readonly world: World
  readonly now: Date
}

/** All projects, and the issues that changed last. */
export function projectsPage({ frame, world, projects }: ListPage & { projects: readonly SandboxProject[] }): SafeHtml {
  const ids = new Set(projects.map(({ id }) => id))
  const issues = world.issues().filter(({ projectId }) => ids.has(projectId))
  const recent = issues.sort((a, b) => activityOf(b) - activityOf(a) || Number(a.id) - Number(b.id)).slice(0, RECENT)
  const items = projects.map(({ id, key, name }) => {
    const count = issues.filter(({ projectId }) => projectId === id).length
    return html`<tr>
      <td>
        <a class="project" href="${frame.contextPath}/projects/${key}"
          ><span class="project-avatar project-avatar-small" aria-hidden="true">${initials(name)}</span>${name}</a
        >
      </td>
      <td>${key}</td>
      <td>Software</td>
      <td>${count}</td>
    </tr>`
  })
  const table = html`<table class="aui">
    <thead>
      <tr>
        <th>Project</th>
        <th>Key</th>
        <th>Project type</th>
        <th>Issues</th>
      </tr>
    </thead>
    <tbody>
      ${items}
    </tbody>
  </table>`
  const content = html`<div class="list-page">
    <h1>Projects</h1>
    ${projects.length === 0 ? html`<p class="subtle">There are no projects yet.</p>` : table}
    <h2>Recent issues</h2>
    ${issueTable(frame, recent)}
  </div>`
  return pageFrame(frame, { title: 'Projects', content })
}

/** One project's issues, page by page. */
export function issuesPage({ frame, world, project, start }: ListPage & { project: SandboxProject; start: number }): SafeHtml {
  const all = world.issues().filter(({ projectId }) => projectId === project.id)
  const first = Number.isSafeInteger(start) && start > 0 ? start : 0
  const shown = all.slice(first, first + PER_PAGE)
  const here = `${frame.contextPath}/projects/${project.key}`
  const links = [
    first > 0 ? html`<a href="${here}?start=${Math.max(0, first - PER_PAGE)}">Previous</a>` : null,
    first + PER_PAGE < all.length ? html`<a href="${here}?start=${first + PER_PAGE}">Next</a>` : null,
  ]
  const range = all.length === 0 ? '' : `${first + 1}–${first + shown.length} of ${all.length}`
  const content = html`<div class="list-page">
    <ol class="aui-nav aui-nav-breadcrumbs">
      <li><a href="${frame.contextPath}/projects">Projects</a></li>
      <li>${project.key}</li>
    </ol>
    <h1>${project.name}</h1>
    ${issueTable(frame, shown)}
    <p class="paging">${range} ${links}</p>
  </div>`
  return pageFrame(frame, { title: project.name, content })
}

/** Jira's page for an issue that is absent or hidden. */
export function issueMissingPage(frame: Frame, key: string): SafeHtml {
  const content = html`<div class="list-page issue-missing">
    <h1>You can't view this issue</h1>
    <p>It may have been deleted or you don't have permission to view it.</p>
    <p class="subtle">${key}</p>
    <p><a href="${frame.contextPath}/projects">All projects</a></p>
  </div>`
  return pageFrame(frame, { title: 'Issue not found', content })
}

function issueTable({ contextPath }: Frame, issues: readonly SandboxIssue[]): SafeHtml {
  if (issues.length === 0) return html`<p class="subtle">There are no issues.</p>`
  const rows = issues.map(
    ({ key, summary, type, status, updated, properties }) =>
      html`<tr>
        <td>${type}</td>
        <td><a href="${contextPath}/browse/${key}">${key}</a></td>
        <td><a href="${contextPath}/browse/${key}">${summary}</a></td>
        <td>${status}</td>
        <td>${properties.has('dvcs-development') ? 'Yes' : ''}</td>
        <td>${time(updated)}</td>
      </tr>`,
  )
  const head = html`<tr>
    <th>Type</th>
    <th>Key</th>
    <th>Summary</th>
    <th>Status</th>
    <th>Development</th>
    <th>Updated</th>
  </tr>`
  return html`<table class="aui">
    <thead>
      ${head}
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

/** Issues with development information first: they are what a visitor of the sandbox looks for. */
function activityOf({ updated, properties }: SandboxIssue): number {
  const development = properties.get('dvcs-development') as { asOf?: unknown } | undefined
  const asOf = typeof development?.asOf === 'string' ? Date.parse(development.asOf) : Number.NaN
  return Math.max(updated.getTime(), Number.isNaN(asOf) ? 0 : asOf)
}
