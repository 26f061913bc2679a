import { z } from 'zod'
import type { ResolvedOwner } from '../../domain/account.ts'
import { hostId } from '../../domain/ids.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { HostOwner } from '../types.ts'
import type { GitLabClient } from './client.ts'
import { groupSchema, userSchema } from './schema.ts'

/** What somebody configured, and what it led to before; null: nothing yet. */
export interface WantedOwner {
  readonly path: string | null
  readonly known: ResolvedOwner | null
}

/**
 * Reads an owner that is known by its id; else looks its path up, as a group or subgroup, then as a user. Throws
 * `owner-gone` when there is no such id, `not-found` when the path is neither.
 */
export async function getOwner(client: GitLabClient, { path, known }: WantedOwner, signal: AbortSignal): Promise<HostOwner> {
  if (path === null) return { kind: 'all', hostId: null, name: 'all readable repositories' }
  if (known !== null) return readKnown(client, known, signal)
  const owner = (await findGroup(client, path, signal)) ?? (await findUser(client, path, signal))
  if (owner !== null) return owner
  throw new ConnectorError('not-found', {
    userMessage: `${client.address('').host} knows no group and no user "${path}", or hides it from the token.`,
    remedy:
      'Check the path as it stands in the address of the group (its path, not its name), and that the token belongs to a member.',
  })
}

async function readKnown(client: GitLabClient, known: ResolvedOwner, signal: AbortSignal): Promise<HostOwner> {
  const { kind, hostId: id, path } = known
  try {
    return { kind, hostId: id, name: await readPath(client, known, signal) }
  } catch (error) {
    if (!isConnectorError(error, 'not-found')) throw error
    throw new ConnectorError('owner-gone', {
      userMessage: `The ${kind} ${path} (id ${id}) is not at ${client.address('').host} any more, or is hidden from the token.`,
      remedy: `Let the user of the token see it again. If it was deleted, enter another owner for the account, or delete the account and link it anew: what took that path since is another ${kind}. Until then nothing is removed here.`,
      cause: error,
    })
  }
}

async function readPath(client: GitLabClient, { kind, hostId: id }: ResolvedOwner, signal: AbortSignal): Promise<string> {
  switch (kind) {
    case 'group':
      return (await client.get(client.address(`groups/${id}`, { with_projects: false }), groupSchema, signal)).full_path
    case 'user':
      return (await client.get(client.address(`users/${id}`), userSchema, signal)).username
  }
}

async function findGroup(client: GitLabClient, path: string, signal: AbortSignal): Promise<HostOwner | null> {
  try {
    const url = client.address(`groups/${encodeURIComponent(path)}`, { with_projects: false })
    const group = await client.get(url, groupSchema, signal)
    return { kind: 'group', hostId: hostId(String(group.id)), name: group.full_path }
  } catch (error) {
    if (isConnectorError(error, 'not-found')) return null
    throw error
  }
}

async function findUser(client: GitLabClient, path: string, signal: AbortSignal): Promise<HostOwner | null> {
  if (path.includes('/')) return null
  const found = await client.get(client.address('users', { username: path }), z.array(userSchema), signal)
  const user = found.find(({ username }) => username.toLowerCase() === path.toLowerCase())
  return user === undefined ? null : { kind: 'user', hostId: hostId(String(user.id)), name: user.username }
}
