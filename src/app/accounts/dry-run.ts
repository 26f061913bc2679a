import type { Account } from '../../domain/account.ts'
import { fixedToken } from '../../domain/host-token.ts'
import { estimateFirstSync, type SyncEstimate } from '../../domain/sync-estimate.ts'
import type { AccountSettings } from '../../db/stores/accounts.ts'
import type { ConnectionStep, HostConnection, HostOwner, HostRepository, WebhookPlace } from '../../hosts/types.ts'
import { isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import type { TypedSecrets } from './change-accounts.ts'
import { toResolvedOwner } from './find-owner.ts'
import { isIncluded } from './included.ts'

export interface DryRun {
  readonly ok: boolean
  readonly steps: readonly ConnectionStep[]
  readonly repositories: {
    /** null: the host does not tell, and there are more than were listed. */
    readonly total: number | null
    readonly listed: number
    readonly linked: number
    readonly sample: readonly { readonly name: string; readonly url: string; readonly linked: boolean }[]
  }
  readonly missingRights: readonly { readonly what: string; readonly neededFor: string; readonly remedy: string | null }[]
  readonly webhooks: { readonly level: WebhookLevel; readonly reason: string } | null
  readonly estimate: SyncEstimate | null
}

type WebhookLevel = 'project' | 'group' | 'system' | 'manual' | 'off'

/** Ten pages: what a person wants to see, and what a proxy waits for. */
const MAX_LISTED = 1_000
const MAX_SAMPLE = 50

/** What an account with these settings would be: tested, listed and counted, and nothing of it stored. */
export async function dryRunAccount(
  app: AppContext,
  { settings, secrets }: { readonly settings: AccountSettings; readonly secrets: TypedSecrets },
  signal: AbortSignal,
): Promise<DryRun> {
  const { host, url, gitUrl, owner: ownerPath } = settings
  if (secrets.token === undefined) {
    // What the application is good for shows with the sign-in alone; an address that cannot be used throws.
    if (secrets.oauth !== undefined) app.connections.oauth(host, { url, ...secrets.oauth })
    return { ...NOTHING, steps: [NOBODY_SIGNED_IN] }
  }
  const token = fixedToken(secrets.token)
  const webhookAdminToken = secrets.webhookAdminToken ?? null
  const connection = app.connections.probe(host, { url, gitUrl, owner: ownerPath, token, webhookAdminToken })
  const steps = await connection.check(null, signal)
  if (steps.some(({ ok }) => !ok)) return { ...NOTHING, steps }
  const owner = await connection.getOwner(null, signal)
  const listed = await listSome(connection, owner, signal)
  const isWanted = (repository: HostRepository) => isLinked(settings, repository, toResolvedOwner(owner)?.path ?? null)
  const linked = listed.repositories.filter(isWanted)
  const cover = await findCover({ settings, connection, owner, first: linked[0] ?? null }, signal)
  const total = listed.complete ? listed.repositories.length : listed.total
  const { missingRights, ...webhooks } = cover
  return {
    ok: true,
    steps,
    repositories: {
      total,
      listed: listed.repositories.length,
      linked: linked.length,
      sample: toSample(listed.repositories, isWanted),
    },
    missingRights,
    webhooks,
    estimate: estimate({ listed: listed.repositories.length, linked: linked.length, total }, connection, webhooks.level),
  }
}

const NOBODY_SIGNED_IN: ConnectionStep = {
  name: 'token',
  ok: false,
  message: 'Nobody is signed in yet: with an OAuth application the connection is tested after the sign-in.',
  remedy: 'Create the account and sign in, or give a token to look first.',
}

const NOTHING: Omit<DryRun, 'steps'> = {
  ok: false,
  repositories: { total: null, listed: 0, linked: 0, sample: [] },
  missingRights: [],
  webhooks: null,
  estimate: null,
}

interface Listed {
  readonly repositories: readonly HostRepository[]
  readonly complete: boolean
  /** As the host counts them. */
  readonly total: number | null
}

async function listSome(connection: HostConnection, owner: HostOwner, signal: AbortSignal): Promise<Listed> {
  const repositories: HostRepository[] = []
  for await (const page of connection.listRepositories(owner, signal)) {
    repositories.push(...page)
    if (repositories.length >= MAX_LISTED) {
      const total = await connection.countRepositories(owner, signal)
      return { repositories: repositories.slice(0, MAX_LISTED), complete: total === MAX_LISTED, total }
    }
  }
  return { repositories, complete: true, total: null }
}

function isLinked(settings: AccountSettings, { path, deletionScheduled }: HostRepository, ownerPath: string | null): boolean {
  return settings.autoLink && isIncluded(settings, path, ownerPath) && !deletionScheduled
}

/** Both kinds, so that a pattern that catches too much or too little shows. */
function toSample(
  repositories: readonly HostRepository[],
  isWanted: (repository: HostRepository) => boolean,
): DryRun['repositories']['sample'] {
  const all = repositories.map((repository) => ({
    name: repository.path,
    url: repository.webUrl,
    linked: isWanted(repository),
  }))
  const excluded = all.filter(({ linked }) => !linked).slice(0, MAX_SAMPLE / 2)
  const linked = all.filter((one) => one.linked).slice(0, MAX_SAMPLE - excluded.length)
  return [...linked, ...excluded]
}

function estimate(
  { listed, linked, total }: { readonly listed: number; readonly linked: number; readonly total: number | null },
  connection: HostConnection,
  level: WebhookLevel,
): SyncEstimate {
  const repositories = total ?? listed
  const share = listed === 0 ? 0 : linked / listed
  return estimateFirstSync({
    repositories,
    linked: Math.round(repositories * share),
    hookEach: level === 'project',
    requestsPerMinute: connection.rateLimit()?.limit ?? null,
  })
}

interface CoverRequest {
  readonly settings: AccountSettings
  readonly connection: HostConnection
  readonly owner: HostOwner
  /** Whose hooks are looked at for all; null: none is linked. */
  readonly first: HostRepository | null
}

type Cover = NonNullable<DryRun['webhooks']> & Pick<DryRun, 'missingRights'>

/** What would tell of pushes, by the order in which hooks are tried. */
async function findCover({ settings, connection, owner, first }: CoverRequest, signal: AbortSignal): Promise<Cover> {
  const fixed = FIXED[settings.webhooks]
  if (fixed !== undefined) return { ...fixed, missingRights: [] }
  const obstacles: { right: string; reason: string }[] = []
  for (const place of placesOf(settings.webhooks, { owner, first })) {
    const obstacle = await findObstacle(connection, place, signal)
    if (obstacle === null) return { level: place.level, reason: REASONS[place.level], missingRights: [] }
    obstacles.push(obstacle)
  }
  const level = settings.webhooks === 'auto' ? 'project' : (settings.webhooks as WebhookLevel)
  const last = obstacles.at(-1)
  if (last === undefined) return { level, reason: NO_PLACE, missingRights: [] }
  const missingRights = obstacles.map(({ right }) => ({ what: right, neededFor: NEEDED_FOR, remedy: GRANT }))
  return { level, reason: last.reason, missingRights: settings.webhooks === 'auto' ? missingRights.slice(-1) : missingRights }
}

async function findObstacle(connection: HostConnection, place: WebhookPlace, signal: AbortSignal) {
  try {
    return await connection.webhooks.findObstacle(place, signal)
  } catch (error) {
    if (signal.aborted || !isConnectorError(error)) throw error
    return { right: 'an answer of the Git host about its webhooks', reason: error.userMessage }
  }
}

function placesOf(mode: Account['webhooks'], { owner, first }: Pick<CoverRequest, 'owner' | 'first'>): WebhookPlace[] {
  const group: WebhookPlace[] = owner.kind === 'group' && owner.hostId !== null ? [{ level: 'group', group: owner.hostId }] : []
  const project: WebhookPlace[] = first === null ? [] : [{ level: 'project', repository: first }]
  if (mode === 'system') return [{ level: 'system' }]
  if (mode === 'group') return group
  return mode === 'project' ? project : [...group, ...project]
}

const FIXED: Readonly<Partial<Record<Account['webhooks'], NonNullable<DryRun['webhooks']>>>> = {
  manual: { level: 'manual', reason: 'You install the webhooks yourself; until one arrives the repositories are polled.' },
  off: { level: 'off', reason: 'No webhooks are wanted: the repositories are polled.' },
}
const REASONS: Readonly<Record<WebhookPlace['level'], string>> = {
  group: 'One webhook of the group tells of everything below it.',
  project: 'Each linked repository gets a webhook of its own.',
  system: 'One webhook of the whole Git host tells of everything.',
}
const NO_PLACE = 'There is nothing that a webhook could be installed on: the repositories are polled.'
const NEEDED_FOR = 'webhooks: without them a push shows with the next schedule instead of within seconds'
const GRANT =
  'Give the token this right, or enter a second token that has it as webhook administration token (webhookAdminToken). Everything else works without.'
