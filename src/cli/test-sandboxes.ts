import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { systemClock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import type { Namespace, Token } from '../sandbox/gitlab/model.ts'
import { createSandboxGitLab, type SandboxGitLab } from '../sandbox/gitlab/sandbox-gitlab.ts'
import { createSandboxJira, type SandboxJira } from '../sandbox/jira/sandbox-jira.ts'
import { runProgram } from './program.ts'

const JIRA_TOKEN = 'jira-token-of-the-test'

/** A GitLab with the empty group `acme` and a Jira with the project SHOP, on the clock of this machine. */
export interface TestSandboxes {
  readonly gitlab: SandboxGitLab
  readonly jira: SandboxJira
  readonly acme: Namespace
  readonly token: Token
  /** What a configuration file names of them. */
  readonly config: { readonly jira: object; readonly account: object }
  close(): Promise<void>
}

export async function startTestSandboxes(): Promise<TestSandboxes> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-sandboxes-'))
  const gitlab = await createSandboxGitLab({ folder, clock: systemClock, env: process.env, log: silentLogger })
  const user = { name: 'connector', displayName: 'Connector', emailAddress: 'connector@example.com', administrator: true }
  const users = [{ ...user, tokens: [{ token: JIRA_TOKEN }] }]
  const jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users })
  jira.world.addProject({ key: 'SHOP', name: 'Shop' })
  jira.world.seedIssues('SHOP', 20)
  const acme = gitlab.addGroup({ path: 'acme', name: 'Acme' })
  const mia = gitlab.addUser({ username: 'mia', name: 'Mia Lang' })
  gitlab.addMember(acme, mia, 'maintainer')
  const token = gitlab.createToken({ user: mia, scopes: ['api'] })
  return {
    gitlab,
    jira,
    acme,
    token,
    config: {
      jira: { url: jira.url, token: JIRA_TOKEN },
      account: { id: 'acme', name: 'Acme', host: 'gitlab', url: gitlab.url, owner: 'acme', token: token.value, webhooks: 'off' },
    },
    async close() {
      await gitlab.close()
      await jira.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Runs a command in this process; its output is that of both streams. */
export async function runCommand(
  args: readonly string[],
  { cwd, env = { PATH: process.env['PATH'] } }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<{ code: number; output: string }> {
  let output = ''
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const out = stream as unknown as NodeJS.WriteStream
  const code = await runProgram(args, { env, cwd, out, err: out, signal: new AbortController().signal })
  return { code, output }
}
