import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Role } from '../config/check-role.ts'
import { ConfigError } from '../config/config-error.ts'
import { isConnectorError } from '../lib/connector-error.ts'
import { EXIT, type CommandContext, type ExitCode } from './command.ts'
import { VERSION } from './version.ts'

/** Runs the command line and returns its exit code; imports only what the command needs. */
export async function runProgram(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  let code: ExitCode = EXIT.done
  const run = (command: (context: CommandContext) => Promise<ExitCode>) => async () => {
    code = await command(context)
  }
  const program = createProgram(context, run)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return report(error, context)
  }
}

/** Every command with its options, for the check of the documentation. */
export function listCommands(
  context: Pick<CommandContext, 'out' | 'err'>,
): readonly { name: string; options: readonly string[] }[] {
  const program = createProgram(context, () => () => Promise.resolve())
  return program.commands.map((command) => ({ name: command.name(), options: command.options.map(({ long }) => long ?? '') }))
}

const config = ['--config <file>', 'configuration file (connector.yaml)'] as const

type Run = (command: (context: CommandContext) => Promise<ExitCode>) => () => Promise<void>

function createProgram(context: Pick<CommandContext, 'out' | 'err'>, run: Run): Command {
  const program = new Command('jira-dvcs')
    .description('Links the repositories of Git hosts to the issues of a self-hosted Jira.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out.write(text), writeErr: (text) => context.err.write(text) })

  program
    .command('serve')
    .description('run the connector')
    .option(...config)
    .option('--role <role>', 'all, web or worker', parseRole, 'all' as Role)
    .action((options: { config?: string; role: Role }) =>
      run(async (own) => (await import('./serve.ts')).serve({ file: options.config ?? null, role: options.role }, own))(),
    )
  program
    .command('sync')
    .description('synchronise once in the foreground, then deliver to Jira')
    .argument('[target]', 'ACCOUNT or ACCOUNT/REPOSITORY; default: everything')
    .option(...config)
    .option('--full', 'read everything again')
    .option('--no-deliver', 'leave Jira alone')
    .action((target: string | undefined, options: { config?: string; full?: boolean; deliver: boolean }) =>
      run(async (own) =>
        (await import('./sync.ts')).sync(
          { file: options.config ?? null, target: target ?? null, full: options.full === true, deliver: options.deliver },
          own,
        ),
      )(),
    )
  addWhy(program, run)
  addBackup(program, run)
  addUsers(program, run)
  addTokens(program, run)
  addJiraApp(program, run)
  program
    .command('doctor')
    .description('test every connection step by step')
    .option(...config)
    .option('--accept-moved-jira', 'take the Jira configured now for the connected one')
    .action((options: { config?: string; acceptMovedJira?: boolean }) =>
      run(async (own) =>
        (await import('./doctor.ts')).doctor(
          { file: options.config ?? null, acceptMovedJira: options.acceptMovedJira === true },
          own,
        ),
      )(),
    )
  program
    .command('demo')
    .description('start a sandbox GitLab, a sandbox Jira and the connector, already connected')
    .option('--repo <path>', 'serve this Git repository instead of the generated ones (may be repeated)', collect, [] as string[])
    .option('--once', 'end after the main job with a table of what was linked')
    .action((options: { repo: string[]; once?: boolean }) =>
      run(async (own) => (await import('./demo.ts')).demo({ repositories: options.repo, once: options.once === true }, own))(),
    )
  return program
}

function addWhy(program: Command, run: Run): void {
  program
    .command('why')
    .description('tell why a commit, a branch, a pull request or an issue is, or is not, in Jira')
    .argument('<ref>', 'commit hash, branch, address of a pull request, or issue key')
    .option(...config)
    .action((ref: string, options: { config?: string }) =>
      run(async (own) => (await import('./why.ts')).why({ file: options.config ?? null, ref }, own))(),
    )
}

function addBackup(program: Command, run: Run): void {
  program
    .command('backup')
    .description('copy database and configuration into one file, also while the connector runs')
    .argument('<file>', 'must not exist yet')
    .option('--with-key', 'put the secret key into it, under a passphrase from a prompt or standard input')
    .option(...config)
    .action((target: string, options: { config?: string; withKey?: boolean }) =>
      run(async (own) =>
        (await import('./backup.ts')).backup({ file: options.config ?? null, target, withKey: options.withKey === true }, own),
      )(),
    )
  program
    .command('restore')
    .description('fill an empty data folder and an empty database from a backup')
    .argument('<file>', 'what "backup" made')
    .option('--without-key', 'forget the stored credentials, where their key is lost')
    .option(...config)
    .action((source: string, options: { config?: string; withoutKey?: boolean }) =>
      run(async (own) =>
        (await import('./restore.ts')).restore(
          { file: options.config ?? null, source, withoutKey: options.withoutKey === true },
          own,
        ),
      )(),
    )
}

function addUsers(program: Command, run: Run): void {
  const user = program.command('user').description('local administrators, and people of Jira who signed in')
  user
    .command('add')
    .description('add an administrator; the password comes from a prompt or from standard input')
    .argument('<name>')
    .option('--display-name <text>', 'default: the name')
    .option(...config)
    .action((name: string, options: { config?: string; displayName?: string }) =>
      run(async (own) =>
        (await import('./users.ts')).addUserCommand(
          { file: options.config ?? null, name, displayName: options.displayName ?? name },
          own,
        ),
      )(),
    )
  user
    .command('list')
    .description('list them')
    .option(...config)
    .action((options: { config?: string }) =>
      run(async (own) => (await import('./users.ts')).listUsersCommand({ file: options.config ?? null }, own))(),
    )
  user
    .command('remove')
    .description('remove one and end their sessions')
    .argument('<name>')
    .option(...config)
    .action((name: string, options: { config?: string }) =>
      run(async (own) => (await import('./users.ts')).removeUserCommand({ file: options.config ?? null, name }, own))(),
    )
}

function addTokens(program: Command, run: Run): void {
  const token = program.command('token').description('API tokens of programs')
  token
    .command('create')
    .description('create one and print its value, this once')
    .argument('<name>')
    .addOption(new Option('--scope <scope>', 'what it may').choices(['admin', 'read', 'metrics']).makeOptionMandatory())
    .option('--expires <duration>', 'such as 90d; default: never')
    .option(...config)
    .action((name: string, options: { config?: string; scope: string; expires?: string }) =>
      run(async (own) =>
        (await import('./tokens.ts')).createTokenCommand(
          { file: options.config ?? null, name, scope: options.scope, expires: options.expires ?? null },
          own,
        ),
      )(),
    )
  token
    .command('list')
    .description('list them, without their values')
    .option(...config)
    .action((options: { config?: string }) =>
      run(async (own) => (await import('./tokens.ts')).listTokensCommand({ file: options.config ?? null }, own))(),
    )
  token
    .command('revoke')
    .description('revoke one, for good')
    .argument('<token>', 'its id or its name')
    .option(...config)
    .action((id: string, options: { config?: string }) =>
      run(async (own) => (await import('./tokens.ts')).revokeTokenCommand({ file: options.config ?? null, id }, own))(),
    )
}

function addJiraApp(program: Command, run: Run): void {
  program
    .command('jira-app')
    .description('write the Jira app: jar, signature and certificate')
    .option('--out <folder>', 'where to; default: the current folder')
    .option('--key <file>', 'sign with this key (Ed25519, PEM) instead of the one of the connector')
    .option('--certificate <file>', 'the certificate of that key (PEM); default: one is made')
    .option(...config)
    .action((options: { config?: string; out?: string; key?: string; certificate?: string }) => {
      const { key = null, certificate = null } = options
      if (certificate !== null && key === null) program.error('error: --certificate needs the --key that it belongs to')
      return run(async (own) =>
        (await import('./jira-app.ts')).writeJiraApp(
          { file: options.config ?? null, out: options.out ?? '.', signing: key === null ? null : { key, certificate } },
          own,
        ),
      )()
    })
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

function parseRole(value: string): Role {
  if (value === 'all' || value === 'web' || value === 'worker') return value
  throw new InvalidArgumentError('must be all, web or worker')
}

const USAGE_CODES = new Set([
  'config-invalid',
  'role-needs-postgresql',
  'target-unknown',
  'delivery-not-optional',
  'repository-path-invalid',
  'duration-invalid',
])

function report(error: unknown, { err, signal }: CommandContext): ExitCode {
  if (signal.aborted && error === signal.reason) {
    err.write('Stopped before the end. What is stored stays, and the next run goes on from there.\n')
    return EXIT.failed
  }
  // Commander has already written its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (!isConnectorError(error)) throw error
  err.write(`${error.userMessage}\n${error.remedy === null ? '' : `${error.remedy}\n`}`)
  return error instanceof ConfigError || USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed
}
