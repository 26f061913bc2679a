import type { Project } from '../../sandbox/gitlab/model.ts'
import { createTestClock } from '../test-clock.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { executeAgain } from './ask-again.ts'
import { addExecutionJob } from './execution-job.ts'

/** A repository that was imported, and what its smart commits did in Jira. */
export interface SmartStory extends Story {
  readonly shop: Project
  /** Pushes to `main` and synchronises. */
  pushAndSync(messages: readonly string[], author?: { name: string; email: string }): Promise<string[]>
  /** Texts of the comments of an issue, in their order, without what the connector adds. */
  comments(key: string): string[]
  /** Texts as they are. */
  bodies(key: string): string[]
  /** Of all smart commits, in their order. */
  states(): Promise<string[]>
  /** `KEY name: state by user`, or the code of the problem. */
  actions(): Promise<string[]>
  /** A person asks for what failed or was skipped. */
  executeAgain(): Promise<void>
  /** Wakes the job, as a restart does. */
  execute(): Promise<void>
}

const HOUR_MS = 3_600_000

export const USERS = [
  {
    name: 'connector',
    displayName: 'Connector',
    emailAddress: 'connector@example.com',
    administrator: true,
    tokens: [{ token: 'jira-token' }],
  },
  {
    name: 'ann',
    displayName: 'Ann Ember',
    emailAddress: 'ann@example.com',
    tokens: [
      { token: 'token-of-ann' },
      { token: 'token-of-an-hour', expiresAt: new Date(createTestClock().now().getTime() + HOUR_MS) },
    ],
  },
]

export async function startSmartStory(options: StoryOptions = {}): Promise<SmartStory> {
  const story = await startStory({ ...options, jiraOptions: { users: USERS, ...options.jiraOptions } })
  const { app, jira, settle } = story
  const shop = await story.project('shop', ['begin'])
  await story.sweep()
  const { id: repositoryId } = await story.stored(shop)
  return {
    ...story,
    shop,
    async pushAndSync(messages, author) {
      const shas = await story.push(shop, 'main', messages, author === undefined ? {} : { author })
      await story.sync(shop)
      return shas
    },
    comments: (key) => readComments(jira, key),
    bodies: (key) => (jira.world.findIssue(key)?.comments ?? []).map(({ body }) => body),
    async states() {
      const rows = await app.db.read.selectFrom('smart_commits').select('state').orderBy('id').execute()
      return rows.map(({ state }) => state)
    },
    async actions() {
      const rows = await app.db.read
        .selectFrom('smart_commit_actions')
        .select(['issue_key', 'name', 'state', 'user_name', 'problem'])
        .orderBy('id')
        .execute()
      return rows.map((row) => {
        const problem = row.problem === null ? null : (JSON.parse(row.problem) as { code: string })
        const detail = problem === null ? ` by ${row.user_name ?? 'nobody'}` : `, ${problem.code}`
        return `${row.issue_key} ${row.name}: ${row.state}${detail}`
      })
    },
    async executeAgain() {
      const rows = await app.db.read
        .selectFrom('smart_commits')
        .select('id')
        .where('state', 'in', ['failed', 'skipped'])
        .orderBy('id')
        .execute()
      for (const { id } of rows) await executeAgain(app, { id: String(id), who: 'administrator' })
      await settle()
    },
    async execute() {
      await app.db.write('interactive', (tx) => addExecutionJob(app, tx, { repositoryId }))
      await settle()
    },
  }
}

/** The connector adds a line that says whose it is. */
function readComments(jira: Story['jira'], key: string): string[] {
  const comments = jira.world.findIssue(key)?.comments ?? []
  return comments.map(({ body }) => body.split('\n', 1).join(''))
}
