// The Git host of the benchmarks, in a process of its own so that it does not disturb what is measured.
import { systemClock } from '../src/lib/clock.ts'
import { silentLogger } from '../src/lib/logger.ts'
import { fastImport } from '../src/sandbox/fast-import.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../src/sandbox/gitlab/sandbox-gitlab.ts'
import { createSandboxJira, type SandboxJira } from '../src/sandbox/jira/sandbox-jira.ts'
import { ISSUE_PROPERTY_NAME } from '../src/jira/issue-property.ts'
import type { Project } from '../src/sandbox/gitlab/model.ts'
import { BENCHMARK_SHAPE, generateHistory, generateMore } from './history.ts'
import type { HostAnswer, HostQuestion, JiraCount } from './host.ts'

/** Well before any sweep: what was made an hour ago counts as possibly changed. */
const CREATED_AT = new Date(systemClock.now().getTime() - 30 * 86_400_000)

const JIRA_TOKEN = 'a-token-of-the-benchmark'
const PROPERTY_LIMIT_MS = 60_000

let jira: SandboxJira | null = null
const folder = process.argv[2]
if (folder === undefined || process.send === undefined) throw new Error('This is started by bench/host.ts')
const gitlab = await createSandboxGitLab({ folder, clock: systemClock, env: process.env, log: silentLogger })
const maintainer = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
const token = gitlab.createToken({ user: maintainer, scopes: ['api'] }).value

process.on('message', (question: HostQuestion) => {
  answer(question, gitlab).then(
    (result) => process.send?.({ id: question.id, result } satisfies HostAnswer),
    (error: unknown) => process.send?.({ id: question.id, error: String(error) } satisfies HostAnswer),
  )
})
// The bench is gone: nobody would end this process.
process.on('disconnect', () => process.exit(0))
process.send({ id: 0, result: { url: gitlab.url, token } } satisfies HostAnswer)

async function answer(question: HostQuestion, host: SandboxGitLab): Promise<unknown> {
  switch (question.kind) {
    case 'add-history': {
      const project = await addProject(question.owner)
      await fastImport({ folder: project.folder, env: process.env, entries: generateHistory(question.shape) })
      // As hosts keep their repositories: one pack with a bitmap, and a commit graph.
      await host.git(project, ['repack', '-a', '-d', '-q', '--write-bitmap-index'])
      await host.git(project, ['commit-graph', 'write', '--reachable'])
      await host.readRepository(project)
      return { gitUrl: `${host.url}/${host.pathOf(project)}.git` }
    }
    case 'add-commits': {
      const project = findProject(question.owner)
      const from = project.refs.get('refs/heads/main') ?? ''
      await fastImport({
        folder: project.folder,
        env: process.env,
        entries: generateMore(question.shape, { from, count: question.count, round: question.round }),
      })
      await host.readRepository(project)
      project.lastActivityAt = systemClock.now()
      return null
    }
    case 'add-idle': {
      host.addMember(host.addGroup({ path: question.owner, name: question.owner }), maintainer, 'owner')
      const first = await host.addProject({
        namespace: question.owner,
        path: 'idle-1',
        visibility: 'public',
        createdAt: CREATED_AT,
      })
      await fastImport({
        folder: first.folder,
        env: process.env,
        entries: generateHistory({ ...BENCHMARK_SHAPE, commits: 10, branches: 2 }),
      })
      await host.readRepository(first)
      for (let number = 2; number <= question.count; number += 1) {
        await host.addProject({
          namespace: question.owner,
          path: `idle-${number}`,
          visibility: 'public',
          createdAt: CREATED_AT,
          ...(question.shared ? { sharesRepositoryOf: first } : { fromRepository: first.folder }),
        })
      }
      return null
    }
    case 'start-jira': {
      const user = { name: 'connector', displayName: 'Connector', emailAddress: 'connector@example.com', administrator: true }
      jira = await createSandboxJira({
        clock: systemClock,
        log: silentLogger,
        users: [{ ...user, tokens: [{ token: JIRA_TOKEN }] }],
      })
      for (const key of question.projects) {
        jira.world.addProject({ key, name: key })
        jira.world.seedIssues(key, question.issues)
      }
      if (question.limits !== null) {
        const { perSecond, latencyMs } = question.limits
        jira.setRateLimit({ limit: perSecond, fillRate: perSecond, intervalSeconds: 1 })
        jira.setLatency(latencyMs)
      }
      return { url: jira.url, token: JIRA_TOKEN }
    }
    case 'count-jira': {
      const requests = jira?.requests() ?? []
      const refused = requests.filter(({ status }) => status === 429).length
      const count: JiraCount = { requests: requests.length, refused, properties: jira?.writes().properties ?? 0 }
      jira?.forgetRequests()
      return count
    }
    case 'await-property': {
      const deadline = performance.now() + PROPERTY_LIMIT_MS
      while (!holds(question.issue, question.text)) {
        if (performance.now() > deadline) throw new Error(`${question.issue} never told of ${question.text}`)
        await systemClock.sleep(1)
      }
      return performance.timeOrigin + performance.now()
    }
    case 'count-requests': {
      const count = host.requests.length
      host.clearRequests()
      return count
    }
  }
}

function holds(issue: string, text: string): boolean {
  return JSON.stringify(jira?.world.findIssue(issue)?.properties.get(ISSUE_PROPERTY_NAME) ?? null).includes(text)
}

async function addProject(owner: string): Promise<Project> {
  const group = gitlab.addGroup({ path: owner, name: owner })
  gitlab.addMember(group, maintainer, 'owner')
  return gitlab.addProject({ namespace: group, path: 'history', visibility: 'public', createdAt: CREATED_AT })
}

function findProject(owner: string): Project {
  const project = gitlab.findProject(`${owner}/history`)
  if (project === undefined) throw new Error(`no history of ${owner}`)
  return project
}
