import type { HostToken } from '../../domain/host-token.ts'
import type { Clock } from '../../lib/clock.ts'
import { LARGEST_CLOCK_SKEW_MS } from '../../domain/clock-difference.ts'
import { ConnectorError } from '../../lib/connector-error.ts'
import type { HttpClient, HttpResponse } from '../../lib/http-client.ts'
import type { ConnectionStep, HostOwner } from '../types.ts'
import { toUnexpectedAnswer } from './answer-error.ts'
import { parseAnswer, type GitLabClient } from './client.ts'
import type { GitLabAddresses } from './config.ts'
import { checkGit } from './git-check.ts'
import { getOwner, type WantedOwner } from './owner.ts'
import { checkRole, checkScopes, checkToken } from './token-check.ts'
import { versionSchema } from './schema.ts'

export interface Check {
  readonly client: GitLabClient
  /** The client with the token for webhooks; null: there is none. */
  readonly adminClient: GitLabClient | null
  readonly addresses: GitLabAddresses
  readonly owner: WantedOwner
  readonly token: HostToken
  readonly http: HttpClient
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What earlier steps found out. */
interface Findings {
  readonly steps: ConnectionStep[]
  versionAnswer: HttpResponse | null
  owner: HostOwner | null
}

type StepName = ConnectionStep['name']

const OLDEST_MAJOR = 13

/** Tries everything that a synchronisation needs, in order, and stops at the first thing that is wrong. */
export async function checkConnection(check: Check): Promise<readonly ConnectionStep[]> {
  const findings: Findings = { steps: [], versionAnswer: null, owner: null }
  if (!(await connect(check, findings))) return findings.steps
  const rest: readonly (readonly [StepName, () => Promise<string>])[] = [
    ['token', () => checkToken(check, findings.versionAnswer)],
    ['scope', () => checkScopes(check, findings.versionAnswer)],
    ['version', () => Promise.resolve(checkVersion(findings.versionAnswer))],
    ['owner', () => findOwner(check, findings)],
    ['role', () => checkRole(check, findings.owner)],
    ['clock', () => Promise.resolve(checkClock(check))],
    ['git', () => checkGit(check, findings.owner)],
  ]
  for (const [name, run] of rest) {
    if (!(await tryStep(check, findings, { name, run }))) break
  }
  return findings.steps
}

async function tryStep(
  { signal }: Check,
  { steps }: Findings,
  { name, run }: { name: StepName; run: () => Promise<string> },
): Promise<boolean> {
  try {
    steps.push({ name, ok: true, message: await run(), remedy: null })
    return true
  } catch (error) {
    if (signal.aborted || !(error instanceof ConnectorError)) throw error
    steps.push({ name, ok: false, message: error.userMessage, remedy: error.remedy })
    return false
  }
}

/** One request proves name, TLS and that a GitLab answers; its error tells which of them failed. */
async function connect(check: Check, findings: Findings): Promise<boolean> {
  const { base } = check.addresses
  const { steps } = findings
  const pass = (name: StepName, message: string) => steps.push({ name, ok: true, message, remedy: null })
  try {
    const answer = await reach(check)
    pass('dns', `${base.hostname} is found.`)
    pass(
      'tls',
      base.protocol === 'https:' ? 'The certificate is trusted.' : 'The address is http: the connection is not encrypted.',
    )
    pass('reachable', `A GitLab answers at ${base.href}.`)
    findings.versionAnswer = answer
    return true
  } catch (error) {
    if (check.signal.aborted || !(error instanceof ConnectorError)) throw error
    const name = error.code === 'dns-failed' ? 'dns' : error.code === 'tls-failed' ? 'tls' : 'reachable'
    if (name !== 'dns') pass('dns', `${base.hostname} is found.`)
    steps.push({ name, ok: false, message: error.userMessage, remedy: error.remedy })
    return false
  }
}

/** Refusals of the token are an answer, too. */
async function reach({ client, addresses, signal }: Check): Promise<HttpResponse> {
  const url = client.address('version')
  const answer = await client.request({ method: 'GET', url, signal, accept: [401, 403, 404] })
  const isJson = (answer.headers['content-type'] ?? '').includes('json')
  if (isJson && answer.status !== 404) return answer
  throw toUnexpectedAnswer(`${addresses.base.href} answers (${answer.status}), but not as a GitLab: no API at ${url.pathname}.`, {
    remedy:
      'Check the address, including a relative root such as /gitlab, and that no sign-in page of a proxy lies before GitLab.',
  })
}

function checkVersion(answer: HttpResponse | null): string {
  if (answer === null || answer.status !== 200) return 'GitLab does not tell its version to this token.'
  const { version } = parseAnswer(answer, versionSchema)
  const major = Number(/^\d+/.exec(version)?.[0] ?? Number.NaN)
  if (major >= OLDEST_MAJOR) return `GitLab ${version}.`
  throw new ConnectorError('host-too-old', {
    userMessage: `This is GitLab ${version.slice(0, 40)}; ${OLDEST_MAJOR}.0 is the oldest version that works.`,
    remedy: 'Update GitLab.',
  })
}

async function findOwner({ client, owner: wanted, signal }: Check, findings: Findings): Promise<string> {
  const owner = await getOwner(client, wanted, signal)
  findings.owner = owner
  return owner.kind === 'all'
    ? 'All repositories that the token can read.'
    : `${owner.kind} ${owner.name} (id ${owner.hostId ?? ''}).`
}

function checkClock({ client }: Check): string {
  const skewMs = client.clockSkewMs()
  if (skewMs === null) return 'GitLab does not tell its time.'
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  if (Math.abs(skewMs) <= LARGEST_CLOCK_SKEW_MS) return `The clocks differ by ${seconds} s.`
  throw new ConnectorError('clock-differs', {
    userMessage: `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} GitLab's.`,
    remedy: 'Set both clocks by NTP: signatures of webhooks and token lifetimes depend on them.',
  })
}
