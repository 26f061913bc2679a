import { html, type HtmlValue, type SafeHtml } from './html.ts'
import { time } from './page-time.ts'
import type { SandboxIssue } from './types.ts'
import { renderWiki } from './wiki-markup.ts'
import type { World } from './world.ts'

export interface IssueActivity {
  readonly issue: SandboxIssue
  readonly world: World
  /** Address of the issue's page. */
  readonly href: string
  /** Jira's name of a tab, from the address; null: All. */
  readonly tab: string | null
}

type Kind = 'comment' | 'worklog' | 'history'

interface Entry {
  readonly kind: Kind
  readonly at: Date
  readonly content: SafeHtml
}

const PLUGIN = 'com.atlassian.jira.plugin.system.issuetabpanels'
/** In Jira's order. */
const TABS: readonly { readonly id: string; readonly name: string; readonly kind: Kind | null; readonly none: string }[] = [
  { id: 'all-tabpanel', name: 'All', kind: null, none: 'There are no comments yet on this issue.' },
  { id: 'comment-tabpanel', name: 'Comments', kind: 'comment', none: 'There are no comments yet on this issue.' },
  { id: 'worklog-tabpanel', name: 'Work Log', kind: 'worklog', none: 'No work has yet been logged on this issue.' },
  { id: 'changehistory-tabpanel', name: 'History', kind: 'history', none: 'No changes have yet been made on this issue.' },
]

/** The Activity section: what was said, worked and changed, oldest first, by Jira's tabs. */
export function issueActivity(activity: IssueActivity): SafeHtml {
  const [all] = TABS
  const tab = TABS.find(({ id }) => activity.tab === `${PLUGIN}:${id}`) ?? all
  const kind = tab?.kind ?? null
  const entries = [...comments(activity), ...worklogs(activity), ...changes(activity)]
    .filter((entry) => kind === null || entry.kind === kind)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
  const links = TABS.map(({ id, name }) => {
    const current = id === tab?.id ? ' active-tab' : ''
    return html`<li class="menu-item${current}" id="${id}"><a href="${activity.href}?page=${PLUGIN}:${id}">${name}</a></li>`
  })
  const list = html`<ul class="activity" id="issue_actions_container">
    ${entries.map(({ content }) => content)}
  </ul>`
  return html`<ul class="activity-tabs" id="issue-tabs">
      ${links}
    </ul>
    ${entries.length === 0 ? html`<p class="subtle">${tab?.none ?? ''}</p>` : list}`
}

function comments({ issue, world }: IssueActivity): Entry[] {
  return issue.comments.map(({ id, author, body, created }) => ({
    kind: 'comment',
    at: created,
    content: entry({
      id: `comment-${id}`,
      head: html`${person(world, author)} added a comment - ${time(created)}`,
      body: html`<div class="action-body">${wiki(world, body)}</div>`,
    }),
  }))
}

function worklogs({ issue, world }: IssueActivity): Entry[] {
  return issue.worklogs.map(({ id, author, comment, started, timeSpentSeconds }) => {
    const at = new Date(started.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
    const text = comment.trim() === '' ? html`<p class="subtle">&lt;No comment&gt;</p>` : wiki(world, comment)
    return {
      kind: 'worklog',
      at,
      content: entry({
        id: `worklog-${id}`,
        head: html`${person(world, author)} logged work - ${time(at)}`,
        body: html`<dl class="worklog">
            <dt>Time Spent:</dt>
            <dd class="worklog-duration">${longDuration(timeSpentSeconds)}</dd>
          </dl>
          <div class="action-body">${text}</div>`,
      }),
    }
  })
}

function changes({ issue, world }: IssueActivity): Entry[] {
  return issue.history.map(({ id, author, created, items }) => {
    const rows = items.map(
      ({ field, from, to }) =>
        html`<tr>
          <td class="activity-name">${field.charAt(0).toUpperCase() + field.slice(1)}</td>
          <td class="activity-old-val">${from}</td>
          <td class="activity-new-val">${to}</td>
        </tr>`,
    )
    const table = html`<table class="aui changehistory">
      <thead>
        <tr>
          <th>Field</th>
          <th>Original Value</th>
          <th>New Value</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`
    const head = html`${person(world, author ?? '')} made changes - ${time(created)}`
    return { kind: 'history', at: created, content: entry({ id: `changehistory-${id}`, head, body: table }) }
  })
}

function entry({ id, head, body }: { id: string; head: HtmlValue; body: HtmlValue }): SafeHtml {
  return html`<li class="activity-comment" id="${id}">
    <p class="action-details">${head}</p>
    ${body}
  </li>`
}

function person(world: World, name: string): SafeHtml {
  return html`<strong>${world.findUser(name)?.displayName ?? (name || 'Anonymous')}</strong>`
}

function wiki(world: World, text: string): SafeHtml {
  return renderWiki(text, (user) => world.findUser(user)?.displayName ?? null)
}

/** `1 day, 2 hours, 30 minutes`, of eight hours a day and five days a week. */
function longDuration(seconds: number): string {
  const units = [
    ['week', 144_000],
    ['day', 28_800],
    ['hour', 3600],
    ['minute', 60],
  ] as const
  const parts: string[] = []
  let left = seconds
  for (const [unit, size] of units) {
    const amount = Math.floor(left / size)
    left -= amount * size
    if (amount > 0) parts.push(`${amount} ${unit}${amount === 1 ? '' : 's'}`)
  }
  return parts.join(', ') || '0 minutes'
}
