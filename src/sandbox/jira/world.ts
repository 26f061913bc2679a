import type { Clock } from '../../lib/clock.ts'
import type { InstalledApp } from './app/installed-app.ts'
import { believableIssue } from './believable-issues.ts'
import { TRANSITIONS, type SandboxInstance, type SandboxIssue, type SandboxProject, type SandboxUser } from './types.ts'

/** Projects, issues, users and the app of the stand-in Jira, with Jira's rules for keys: old ones go on resolving. */
export class World {
  /** Told of every change that Jira has webhooks for. */
  onEvent: (event: WorldEvent) => void = () => undefined
  /** null: none is installed. */
  app: InstalledApp | null = null
  readonly users: readonly SandboxUser[]
  readonly projects: SandboxProject[] = []
  /** Values by user and key. */
  readonly userProperties = new Map<string, unknown>()
  readonly instance: SandboxInstance = { emails: 'shown', timeTracking: true }
  readonly #clock: Clock
  readonly #issuesById = new Map<string, SandboxIssue>()
  /** Every key an issue ever had. */
  readonly #idByKey = new Map<string, string>()
  #lastId = 10_000

  constructor({ users, clock }: { users: readonly SandboxUser[]; clock: Clock }) {
    this.users = users
    this.#clock = clock
  }

  issues(): SandboxIssue[] {
    return [...this.#issuesById.values()]
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  findUser(name: string): SandboxUser | null {
    return this.users.find((user) => user.name === name) ?? null
  }

  /** By id, key or former key. */
  findProject(idOrKey: string): SandboxProject | null {
    const wanted = idOrKey.toUpperCase()
    const byKey = this.projects.find(({ id, key }) => key === wanted || id === idOrKey)
    return byKey ?? this.projects.find(({ formerKeys }) => formerKeys.includes(wanted)) ?? null
  }

  /** By numeric id, key or former key. */
  findIssue(idOrKey: string): SandboxIssue | null {
    const id = /^\d+$/.test(idOrKey) ? idOrKey : this.#idOfKey(idOrKey.toUpperCase())
    return id === undefined ? null : (this.#issuesById.get(id) ?? null)
  }

  projectOf(issue: SandboxIssue): SandboxProject {
    return this.#getProject(issue.projectId)
  }

  addProject({ key, name, members = null, anonymousBrowse = false, transitions = TRANSITIONS }: NewProject): SandboxProject {
    if (this.findProject(key) !== null) throw new Error(`the stand-in Jira has a project ${key} already`)
    const project: SandboxProject = {
      id: String(this.nextId()),
      key,
      formerKeys: [],
      name,
      members,
      anonymousBrowse,
      lastNumber: 0,
      transitions,
      withheld: {},
    }
    this.projects.push(project)
    this.onEvent({ kind: 'project', event: 'project_created', project })
    return project
  }

  /** With its issues, of which Jira tells nothing more. */
  deleteProject(key: string): void {
    const project = this.#getProject(key)
    this.projects.splice(this.projects.indexOf(project), 1)
    for (const issue of this.issues()) if (issue.projectId === project.id) this.#forget(issue)
    this.onEvent({ kind: 'project', event: 'project_deleted', project })
  }

  renameProjectKey(from: string, to: string): void {
    const project = this.#getProject(from)
    project.formerKeys.push(project.key)
    project.key = to
    for (const issue of this.#issuesById.values()) {
      if (issue.projectId === project.id) this.#setKey(issue, `${to}-${numberOf(issue.key)}`)
    }
    // Of its issues Jira tells nothing, though all have another key.
    this.onEvent({ kind: 'project', event: 'project_updated', project })
  }

  createIssue(given: NewIssue): SandboxIssue {
    const project = this.#getProject(given.project)
    const number = given.number ?? project.lastNumber + 1
    const key = `${project.key}-${number}`
    if (this.#idByKey.has(key)) throw new Error(`the stand-in Jira has an issue ${key} already`)
    project.lastNumber = Math.max(project.lastNumber, number)
    const issue = newIssue({ given, key, projectId: project.id, id: String(this.nextId()), now: this.#clock.now() })
    issue.reporter ??= this.users[0]?.name ?? null
    this.#issuesById.set(issue.id, issue)
    this.#idByKey.set(key, issue.id)
    this.onEvent({ kind: 'issue', event: 'jira:issue_created', type: 'issue_created', issue, changes: [] })
    return issue
  }

  /** Tells of a change that was made to an issue, and keeps it in its history. */
  noteChange(issue: SandboxIssue, changes: readonly IssueChange[], author?: string): void {
    issue.updated = this.#clock.now()
    this.#remember(issue, changes, author)
    this.onEvent({ kind: 'issue', event: 'jira:issue_updated', type: 'issue_generic', issue, changes })
  }

  /** Moves an issue to another project: new key, same id. */
  moveIssue(key: string, toProject: string): SandboxIssue {
    const issue = this.#getIssue(key)
    const project = this.#getProject(toProject)
    const from = { key: issue.key, project: this.projectOf(issue).key }
    project.lastNumber += 1
    issue.projectId = project.id
    this.#setKey(issue, `${project.key}-${project.lastNumber}`)
    const changes = [
      { field: 'project', from: from.project, to: project.key },
      { field: 'Key', from: from.key, to: issue.key },
    ]
    this.#remember(issue, changes)
    this.onEvent({ kind: 'issue', event: 'jira:issue_updated', type: 'issue_moved', issue, changes })
    return issue
  }

  deleteIssue(idOrKey: string): void {
    const issue = this.#getIssue(idOrKey)
    this.onEvent({ kind: 'issue', event: 'jira:issue_deleted', type: 'issue_deleted', issue, changes: [] })
    this.#forget(issue)
  }

  /** Creates issues until the project has those numbered 1 to `count`. */
  seedIssues(projectKey: string, count: number): void {
    const project = this.#getProject(projectKey)
    for (let number = 1; number <= count; number += 1) {
      if (this.#idByKey.has(`${project.key}-${number}`)) continue
      this.createIssue({ project: projectKey, number, ...believableIssue(number, this.users) })
    }
  }

  #remember(issue: SandboxIssue, items: readonly IssueChange[], author = this.users[0]?.name ?? null): void {
    issue.history.push({ id: String(this.nextId()), author, created: this.#clock.now(), items })
  }

  #getProject(idOrKey: string): SandboxProject {
    const project = this.findProject(idOrKey)
    if (project === null) throw new Error(`the stand-in Jira has no project ${idOrKey}`)
    return project
  }

  #getIssue(idOrKey: string): SandboxIssue {
    const issue = this.findIssue(idOrKey)
    if (issue === null) throw new Error(`the stand-in Jira has no issue ${idOrKey}`)
    return issue
  }

  /** A former key of a project leads to issues that were created after its change, too. */
  #idOfKey(key: string): string | undefined {
    const project = this.findProject(key.slice(0, key.lastIndexOf('-')))
    return this.#idByKey.get(key) ?? this.#idByKey.get(`${project?.key}-${numberOf(key)}`)
  }

  #forget(issue: SandboxIssue): void {
    this.#issuesById.delete(issue.id)
    for (const [key, id] of this.#idByKey) if (id === issue.id) this.#idByKey.delete(key)
  }

  #setKey(issue: SandboxIssue, key: string): void {
    issue.key = key
    issue.updated = this.#clock.now()
    this.#idByKey.set(key, issue.id)
  }
}

export interface IssueChange {
  readonly field: string
  readonly from: string
  readonly to: string
}

export type WorldEvent =
  | {
      readonly kind: 'issue'
      readonly event: 'jira:issue_created' | 'jira:issue_updated' | 'jira:issue_deleted'
      /** Jira's finer name of the event. */
      readonly type: string
      readonly issue: SandboxIssue
      readonly changes: readonly IssueChange[]
    }
  | {
      readonly kind: 'project'
      readonly event: 'project_created' | 'project_updated' | 'project_deleted'
      readonly project: SandboxProject
    }

function newIssue(made: { given: NewIssue; key: string; projectId: string; id: string; now: Date }): SandboxIssue {
  const { given, key, projectId, id, now } = made
  const {
    summary,
    description = '',
    type = 'Task',
    priority = 'Medium',
    status = 'To Do',
    assignee = null,
    reporter = null,
  } = given
  const text = { summary, description, type, priority, status, assignee, reporter }
  const lists = { properties: new Map<string, unknown>(), remoteLinks: [], comments: [], worklogs: [], history: [] }
  return { id, key, projectId, ...text, created: now, updated: now, ...lists }
}

export interface NewProject {
  readonly key: string
  readonly name: string
  readonly members?: SandboxProject['members']
  readonly anonymousBrowse?: boolean
  /** Default: `TRANSITIONS`. */
  readonly transitions?: SandboxProject['transitions']
}

export interface NewIssue {
  readonly project: string
  readonly summary: string
  /** Number within the project; default: the next one. */
  readonly number?: number
  readonly description?: string
  readonly type?: SandboxIssue['type']
  readonly priority?: SandboxIssue['priority']
  readonly status?: SandboxIssue['status']
  readonly assignee?: string | null
  readonly reporter?: string | null
}

function numberOf(key: string): string {
  return key.slice(key.lastIndexOf('-') + 1)
}
