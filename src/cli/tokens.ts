import { z } from 'zod'
import { createdTokenSchema, tokenSchema } from '../contract/tokens.ts'
import { systemClock } from '../lib/clock.ts'
import { ConnectorError } from '../lib/connector-error.ts'
import { parseDuration } from '../lib/duration.ts'
import { administer, listAll } from './administration.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'

export interface CreateToken {
  readonly file: string | null
  readonly name: string
  readonly scope: string
  /** A duration; null: never. */
  readonly expires: string | null
}

/** `token create`: prints the value alone on standard output, so that a script can keep it. */
export async function createTokenCommand(
  { file, name, scope, expires }: CreateToken,
  context: CommandContext,
): Promise<ExitCode> {
  const body = { name, scope, expiresAt: expires === null ? null : toTime(expires) }
  const token = await administer(file, context, (api) =>
    api.send({ method: 'POST', path: '/api/v1/tokens', body, schema: createdTokenSchema }),
  )
  context.err.write(`Created the API token "${token.name}" with the scope ${token.scope}. It is shown this once:\n`)
  context.out.write(`${token.value}\n`)
  return EXIT.done
}

function toTime(expires: string): string {
  const ms = parseDuration(expires)
  if (ms !== null && ms > 0) return new Date(systemClock.now().getTime() + ms).toISOString()
  throw new ConnectorError('duration-invalid', {
    userMessage: `--expires must be a duration, not "${expires}".`,
    remedy: 'Write it as 12h or 90d.',
  })
}

/** `token list` */
export async function listTokensCommand({ file }: { readonly file: string | null }, context: CommandContext): Promise<ExitCode> {
  const tokens = await administer(file, context, (api) => listAll(api, '/api/v1/tokens', tokenSchema))
  for (const { id, name, scope, prefix, expiresAt, lastUsedAt, revoked } of tokens) {
    const state = revoked ? 'revoked' : `expires ${expiresAt ?? 'never'}`
    context.out.write(`${id}\t${name}\t${scope}\t${prefix}…\t${state}\tlast used ${lastUsedAt ?? 'never'}\n`)
  }
  return EXIT.done
}

/** `token revoke`: by id, or by a name that only one token in use has. */
export async function revokeTokenCommand(
  { file, id }: { readonly file: string | null; readonly id: string },
  context: CommandContext,
): Promise<ExitCode> {
  await administer(file, context, async (api) => {
    const tokens = (await listAll(api, '/api/v1/tokens', tokenSchema)).filter(({ revoked }) => !revoked)
    const byId = tokens.filter((token) => token.id === id)
    const [token, ...others] = byId.length > 0 ? byId : tokens.filter(({ name }) => name === id)
    if (token === undefined || others.length > 0) {
      throw new ConnectorError('token-not-found', {
        userMessage: token === undefined ? `There is no API token "${id}" in use.` : `Several API tokens are called "${id}".`,
        remedy: '"jira-dvcs token list" tells their ids.',
      })
    }
    await api.send({ method: 'DELETE', path: `/api/v1/tokens/${token.id}`, schema: z.unknown() })
    context.out.write(`Revoked the API token "${token.name}".\n`)
  })
  return EXIT.done
}
