import type { WebPanel } from './app/installed-app.ts'
import { html, type HtmlValue, type SafeHtml, trustedHtml } from './html.ts'
import { type Frame, initials, pageFrame } from './page-frame.ts'
import type { SandboxIssue } from './types.ts'
import type { World } from './world.ts'

export interface IssuePage {
  readonly frame: Frame
  readonly issue: SandboxIssue
  readonly world: World
  /** Of apps, for the user who looks, in their order. */
  readonly panels: readonly WebPanel[]
  readonly now: Date
}

const STATUS_LOZENGES = {
  'To Do': 'aui-lozenge-subtle',
  'In Progress': 'aui-lozenge-inprogress',
  'In Review': 'aui-lozenge-inprogress',
  Done: 'aui-lozenge-success',
}

/** The issue view with the elements and ids that Jira has and that apps look for. */
export function issuePage(page: IssuePage): SafeHtml {
  const { frame, issue, panels } = page
  // Blank content is left out, as in Jira.
  const panelsAt = (location: string) =>
    panels
      .filter((panel) => panel.location === location && panel.content.trim() !== '')
      .map(({ key, label, content: inside }) => module(key, label, trustedHtml(inside)))
  const content = html`<div id="issue-content" class="issue-view">
    ${issueHeader(page)}
    <div class="issue-body">
      <div class="issue-main-column">
        ${module('details-module', 'Details', details(issue))} ${module('descriptionmodule', 'Description', description(issue))}
        ${module('activitymodule', 'Activity', activity(page))} ${panelsAt('atl.jira.view.issue.left.context')}
      </div>
      <div id="viewissuesidebar" class="issue-side-column">
        ${module('peoplemodule', 'People', people(page))} ${module('datesmodule', 'Dates', dates(issue))}
        ${panelsAt('atl.jira.view.issue.right.context')}
      </div>
    </div>
  </div>`
  const head = html`<meta name="ajs-issue-key" content="${issue.key}" />`
  return pageFrame(frame, { title: `[${issue.key}] ${issue.summary}`, content, head, context: 'jira.view.issue' })
}

function issueHeader({ frame, issue, world }: IssuePage): SafeHtml {
  const { contextPath } = frame
  const project = world.projectOf(issue)
  const lozenge = STATUS_LOZENGES[issue.status]
  return html`<header id="stalker" class="issue-header">
    <div class="project-avatar" aria-hidden="true">${initials(project.name)}</div>
    <div class="issue-header-main">
      <ol class="aui-nav aui-nav-breadcrumbs">
        <li><a id="project-name-val" href="${contextPath}/projects/${project.key}">${project.name}</a></li>
        <li>
          <a
            class="issue-link"
            data-issue-key="${issue.key}"
            href="${contextPath}/browse/${issue.key}"
            id="key-val"
            rel="${issue.id}"
            >${issue.key}</a
          >
        </li>
      </ol>
      <h1 id="summary-val">${issue.summary}</h1>
      <p class="issue-status"><span class="aui-lozenge ${lozenge}">${issue.status}</span></p>
    </div>
  </header>`
}

/** A module as Jira renders one of its own and one of an app's web panel. */
function module(id: string, title: string, content: HtmlValue): SafeHtml {
  return html`<div id="${id}" class="module toggle-wrap">
    <div id="${id}_heading" class="mod-header"><h4 class="toggle-title">${title}</h4></div>
    <div class="mod-content">${content}</div>
  </div>`
}

function details({ type, status, priority }: SandboxIssue): SafeHtml {
  return list([
    ['Type', type],
    ['Status', html`<span class="aui-lozenge ${STATUS_LOZENGES[status]}">${status}</span>`],
    ['Priority', priority],
    ['Resolution', status === 'Done' ? 'Done' : 'Unresolved'],
  ])
}

function description({ description: text }: SandboxIssue): SafeHtml {
  const paragraphs = text.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== '')
  if (paragraphs.length === 0) return html`<p class="subtle">No description</p>`
  return html`${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}`
}

function activity({ issue, world }: IssuePage): SafeHtml {
  const entries = [
    ...issue.comments.map(({ author, body, created }) => ({ author, at: created, what: 'added a comment', text: body })),
    ...issue.worklogs.map(({ author, comment, started, timeSpentSeconds }) => {
      const at = new Date(started.replace(/\+(\d\d)(\d\d)$/, '+$1:$2'))
      return { author, at, what: `logged work: ${Math.round(timeSpentSeconds / 60)} minutes`, text: comment }
    }),
  ].sort((a, b) => a.at.getTime() - b.at.getTime())
  if (entries.length === 0) return html`<p class="subtle">There are no comments yet on this issue.</p>`
  const items = entries.map(({ author, at, what, text }) => {
    const name = world.findUser(author)?.displayName ?? author
    return html`<li class="activity-comment">
      <p><strong>${name}</strong> ${what} - ${time(at)}</p>
      <p class="activity-text">${text}</p>
    </li>`
  })
  return html`<ul class="activity">
    ${items}
  </ul>`
}

function people({ issue, world }: IssuePage): SafeHtml {
  const person = (name: string | null) => {
    const user = world.findUser(name ?? '')
    if (user === null) return 'Unassigned'
    return html`<span class="person"
      ><span class="avatar" aria-hidden="true">${initials(user.displayName)}</span>${user.displayName}</span
    >`
  }
  return list([
    ['Assignee', person(issue.assignee)],
    ['Reporter', person(issue.reporter)],
  ])
}

function dates({ created, updated }: SandboxIssue): SafeHtml {
  return list([
    ['Created', time(created)],
    ['Updated', time(updated)],
  ])
}

function list(rows: readonly (readonly [string, HtmlValue])[]): SafeHtml {
  return html`<dl class="property-list">
    ${rows.map(
      ([name, value]) =>
        html`<div class="item">
          <dt>${name}:</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}

export function time(date: Date): SafeHtml {
  const text = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return html`<time datetime="${date.toISOString()}">${text}</time>`
}
