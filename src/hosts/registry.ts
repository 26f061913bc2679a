import { ConnectorError } from '../lib/connector-error.ts'
import type { Clock } from '../lib/clock.ts'
import type { HttpClient } from '../lib/http-client.ts'
import type { Logger } from '../lib/logger.ts'
import { createGitLabConnection, createGitLabOAuth, gitLabLinks, type GitLabSettings } from './gitlab/index.ts'
import type { HostConnection, HostKind, HostLinks, HostOAuth, HostOAuthApplication, HostRegistry } from './types.ts'

/** Settings of a connection by kind of host. */
export interface HostSettings {
  readonly gitlab: GitLabSettings
}

const FACTORIES: { readonly [Kind in HostKind]: (settings: HostSettings[Kind]) => HostConnection } = {
  gitlab: createGitLabConnection,
}

/** Connects to an account at a Git host; throws `host-unknown` for a kind without an adapter. */
export function createHostConnection<Kind extends HostKind>(kind: Kind, settings: HostSettings[Kind]): HostConnection {
  if (!isHostKind(kind)) {
    throw new ConnectorError('host-unknown', {
      userMessage: `There is no adapter for the Git host "${String(kind).slice(0, 40)}".`,
      remedy: `Use one of: ${Object.keys(FACTORIES).join(', ')}.`,
    })
  }
  return FACTORIES[kind](settings)
}

/** True for hosts that an adapter exists for. */
export function isHostKind(kind: string): kind is HostKind {
  return Object.hasOwn(FACTORIES, kind)
}

type OAuthFactory = (application: HostOAuthApplication & { readonly http: HttpClient; readonly clock: Clock }) => HostOAuth
const OAUTH: { readonly [Kind in HostKind]: OAuthFactory } = { gitlab: createGitLabOAuth }

const LINKS: { readonly [Kind in HostKind]: HostLinks } = { gitlab: gitLabLinks }

/** The adapters, with what all of them share. */
export function createHostRegistry(shared: {
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
}): HostRegistry {
  return {
    connect: (kind, settings) => createHostConnection(kind, { ...settings, ...shared }),
    oauth: (kind, application) => OAUTH[kind]({ ...application, ...shared }),
    links: (kind) => LINKS[kind],
  }
}
