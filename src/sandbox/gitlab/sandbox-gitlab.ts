import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { createAdministration, type Administration } from './administration.ts'
import { createFaults, type Faults } from './faults.ts'
import type { Hook, HookDelivery } from './hook-model.ts'
import { createRateLimiter, type RateLimit } from './rate-limit.ts'
import { createGitLabServer, type RequestRecord } from './server.ts'
import { createState, DEFAULT_FEATURES, type SandboxFeatures, type World } from './state.ts'

export interface SandboxGitLabOptions {
  /** Bare repositories are kept here; created when missing, left behind by `close`. */
  readonly folder: string
  readonly clock: Clock
  /** Where PATH is taken from for git. */
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
  /** Default: 127.0.0.1 on a free port. */
  readonly listen?: { readonly host: string; readonly port: number }
  /** GitLab below a path, such as `/gitlab`; default: none. */
  readonly relativeRoot?: '' | `/${string}`
  readonly features?: Partial<SandboxFeatures>
  /** A runner builds what is pushed; default: none does. */
  readonly runner?: boolean
}

export interface SandboxGitLab extends Administration {
  /** Public address with the relative root, without a final slash. */
  readonly url: string
  /** Changeable while it runs. */
  readonly features: SandboxFeatures
  readonly faults: Faults
  /** Every request so far, oldest first. */
  readonly requests: readonly RequestRecord[]
  /** Every hook delivery that ended, oldest first. */
  readonly deliveredHooks: readonly HookDelivery[]
  /** Every hook there is, by its id. */
  readonly hooks: Map<number, Hook>
  /** null removes the limit. */
  setRateLimit(limit: RateLimit | null): void
  clearRequests(): void
  /** Resolves when no hook is under way and no push is being worked on. */
  settle(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a stand-in GitLab: API v4, smart HTTP for real Git repositories and webhooks, with an administration interface
 * in the process. Its state lives in memory and ends with it.
 */
export async function createSandboxGitLab(options: SandboxGitLabOptions): Promise<SandboxGitLab> {
  const { clock, env, log, folder, relativeRoot = '' } = options
  await mkdir(folder, { recursive: true })
  const closing = new AbortController()
  let origin = ''
  const world: World = {
    clock,
    env,
    log,
    folder,
    features: { ...DEFAULT_FEATURES, ...options.features },
    state: createState(),
    pending: new Set(),
    pushes: new Map(),
    runner: options.runner ?? false,
    closing: closing.signal,
    baseUrl: () => `${origin}${relativeRoot}`,
  }
  const faults = createFaults(clock)
  const rateLimiter = createRateLimiter(clock)
  const requests: RequestRecord[] = []
  const server = createGitLabServer({ world, relativeRoot, faults, rateLimiter, requests })
  const { host, port } = options.listen ?? { host: '127.0.0.1', port: 0 }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  origin = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
  const settle = async () => {
    while (world.pending.size > 0) await Promise.allSettled(world.pending)
  }
  return {
    ...createAdministration(world),
    url: world.baseUrl(),
    features: world.features,
    faults,
    requests,
    deliveredHooks: world.state.deliveries,
    hooks: world.state.hooks,
    setRateLimit: (limit) => rateLimiter.set(limit),
    clearRequests: () => {
      requests.length = 0
    },
    settle,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      closing.abort()
      server.closeAllConnections()
      await closed
      await settle()
    },
  }
}
