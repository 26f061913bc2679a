import { z } from 'zod'
import { userSchema } from '../contract/users.ts'
import { nameKey } from '../domain/identity.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { administer, listAll } from './administration.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { readNewPassword } from './read-password.ts'

/** `user add`: an administrator who signs in with a password. */
export async function addUserCommand(
  { file, name, displayName }: { readonly file: string | null; readonly name: string; readonly displayName: string },
  context: CommandContext,
): Promise<ExitCode> {
  const password = await readNewPassword(context)
  const body = { name, displayName, password }
  const user = await administer(file, context, (api) =>
    api.send({ method: 'POST', path: '/api/v1/users', body, schema: userSchema }),
  )
  context.out.write(`Added the administrator ${user.name}.\n`)
  return EXIT.done
}

/** `user list` */
export async function listUsersCommand({ file }: { readonly file: string | null }, context: CommandContext): Promise<ExitCode> {
  const users = await administer(file, context, (api) => listAll(api, '/api/v1/users', userSchema))
  for (const { name, displayName, source, disabled } of users) {
    context.out.write(`${name}\t${source}\t${disabled ? 'disabled' : 'enabled'}\t${displayName}\n`)
  }
  return EXIT.done
}

/** `user remove`: a local user of this name, else the person of Jira. */
export async function removeUserCommand(
  { file, name }: { readonly file: string | null; readonly name: string },
  context: CommandContext,
): Promise<ExitCode> {
  await administer(file, context, async (api) => {
    const users = await listAll(api, '/api/v1/users', userSchema)
    const named = users.filter((user) => nameKey(user.name) === nameKey(name))
    const user = named.find(({ source }) => source === 'local') ?? named[0]
    if (user === undefined) {
      throw new ConnectorError('user-not-found', {
        userMessage: `There is no user "${name}".`,
        remedy: '"jira-dvcs user list" tells who there is.',
      })
    }
    await api.send({ method: 'DELETE', path: `/api/v1/users/${user.id}`, schema: z.unknown() })
    context.out.write(`Removed ${user.name}${user.source === 'jira' ? ' of Jira' : ''}.\n`)
  })
  return EXIT.done
}
