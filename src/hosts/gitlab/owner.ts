import { z } from 'zod'
import { hostId } from '../../domain/ids.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { HostOwner } from '../types.ts'
import type { GitLabClient } from './client.ts'
import { groupSchema, userSchema } from './schema.ts'

/** Resolves a path to a group or subgroup, else to a user; throws `not-found` when it is neither. */
export async function getOwner(client: GitLabClient, path: string | null, signal: AbortSignal): Promise<HostOwner> {
  if (path === null) return { kind: 'all', hostId: null, name: 'all readable repositories' }
  const owner = (await findGroup(client, path, signal)) ?? (await findUser(client, path, signal))
  if (owner !== null) return owner
  throw new ConnectorError('not-found', {
    userMessage: `${client.address('').host} knows no group and no user "${path}", or hides it from the token.`,
    remedy:
      'Check the path as it stands in the address of the group (its path, not its name), and that the token belongs to a member.',
  })
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
