import { ConnectorError } from '../lib/connector-error.ts'
import { remoteFailure, statusFailureCode, type RemoteAttempt, type RemoteFailureCode } from './remote-failure.ts'

/**
 * Git tells why it failed only in words: its exit status is 128 for nearly everything. So this is the one place in the
 * project that decides by message text. It relies on `LC_ALL=C` and on messages that are the same from git 2.31 to
 * today; what it does not recognise becomes `git-failed`, never a success.
 */
export interface GitEnd {
  /** null: ended by a signal. */
  readonly exitCode: number | null
  /** What git wrote to standard error, without progress, without secrets; the last lines if there were many. */
  readonly lines: readonly string[]
}

export interface GitAttempt {
  /** What was tried, as the end of "Could not …". */
  readonly purpose: string
  /** Address of the other side, for commands that talk to one. */
  readonly url: string | null
}

const REMOTE_MESSAGES: readonly (readonly [RegExp, RemoteFailureCode])[] = [
  [/^fatal: could not read (Username|Password) for |^fatal: Authentication failed for /, 'credentials-refused'],
  [/^fatal: repository '.*' not found/, 'not-found'],
  [/^fatal: remote error:.*(not found|could not be found|not exported|does not exist)/i, 'not-found'],
  [/^fatal: remote error:.*(access denied|not allowed)/i, 'permission-missing'],
  [/unable to handle this request due to load/, 'host-unavailable'],
  [/: Could not resolve (host|proxy)/, 'dns-failed'],
  [/^fatal: unable to access '.*': .*(SSL|TLS|certificate|schannel)/i, 'tls-failed'],
  [
    /: (Failed to connect to|Couldn't connect to|Connection refused|Connection timed out|Could not connect|Unsupported proxy)/,
    'connection-failed',
  ],
  [/(No route to host|Network is unreachable|Received HTTP code \d+ from proxy|CONNECT tunnel failed)/, 'connection-failed'],
  [
    /^(fatal|error): (early EOF|fetch-pack: unexpected disconnect|expected flush after|the remote end hung up)/,
    'host-unavailable',
  ],
  [
    /^error: RPC failed; |^fatal: protocol error|^fatal: unable to access '.*': .*(too slow|transfer closed|timed out|Empty reply|reset)/,
    'host-unavailable',
  ],
  [
    /^fatal: .*(unexpected disconnect|the remote end hung up|expected 'packfile')|^fatal: unable to access '.*': (Recv|Send) failure/,
    'host-unavailable',
  ],
  [/^fatal: .* not valid: (is this a git repository|could not determine hash algorithm)/, 'unexpected-answer'],
  [/^fatal: invalid server response|^fatal: unknown object format|^fatal: mismatched algorithms/, 'unexpected-answer'],
]

const CORRUPTION: readonly RegExp[] = [
  /^(fatal|error): (not a git repository|bad object|missing (object|blob|tree|commit)|bad config|bad tree|packfile|wrong index|index file|corrupt)/i,
  /^(fatal|error): .*(is corrupt|is empty|object corrupt|corrupted|does not point to a valid object|does not match|unresolved delta|delta base)/i,
  /^(fatal|error): (unable to (read|find (?!remote helper)|parse|unpack|inflate)|could not (read (?!from remote)|parse)|failed to (read|traverse|parse)|cannot read|inflate)/i,
  /^(fatal|error): .*(did not send all necessary objects|missing necessary objects|loose object|unterminated line|unexpected line in|revision walk)/i,
  /^warning: ignoring (broken|dangling|ref)/,
]

/** Of ours: what the other side's git says begins with `remote:`. */
const FULL = /^(?!remote:).*(?:No space left on device|Disk quota exceeded|File too large)/

const STATUS = /^(?:fatal: unable to access '.*':|error: RPC failed;).*?(?:returned error: |HTTP )(\d{3})/

/** The error for a git command that failed, or null when it succeeded. */
export function gitFailure(end: GitEnd, attempt: GitAttempt): ConnectorError | null {
  const corrupt = end.lines.find((line) => CORRUPTION.some((pattern) => pattern.test(line)))
  if (end.exitCode === 0) {
    // Git skips refs it cannot read, says so, and ends well: a shorter list than promised.
    const complaint = attempt.url === null ? end.lines.find((line) => line.startsWith('error:')) : undefined
    return corrupt === undefined && complaint === undefined ? null : mirrorCorrupt(attempt, corrupt ?? complaint ?? '')
  }
  // Before what the other side seems to have done: git hangs up on it for lack of room.
  const full = end.lines.find((line) => FULL.test(line))
  if (full !== undefined) return diskFull(attempt, full)
  const remote = attempt.url === null ? null : remoteReason(end.lines, { purpose: attempt.purpose, url: attempt.url })
  if (remote !== null) return remote
  if (corrupt !== undefined) return mirrorCorrupt(attempt, corrupt)
  return unknownFailure(end, attempt)
}

function remoteReason(lines: readonly string[], attempt: RemoteAttempt): ConnectorError | null {
  for (const line of lines) {
    const missing = /^fatal: couldn't find remote ref (\S+)/.exec(line)
    if (missing !== null) {
      const userMessage = `Could not ${attempt.purpose} of ${attempt.url}: the ref ${missing[1]} no longer exists.`
      return new ConnectorError('ref-missing', {
        userMessage,
        remedy: 'Nothing to do: it is tried again later.',
        retryable: true,
      })
    }
    const status = STATUS.exec(line)?.[1]
    if (status !== undefined) return remoteFailure(statusFailureCode(Number(status)), attempt, words(line))
  }
  for (const [pattern, code] of REMOTE_MESSAGES) {
    const line = lines.find((candidate) => pattern.test(candidate))
    if (line !== undefined) return remoteFailure(code, attempt, words(line))
  }
  return null
}

/** The local copy is damaged. It is only a copy: discard it and fetch again. */
export function mirrorCorrupt(attempt: { readonly purpose: string }, line: string): ConnectorError {
  return new ConnectorError('mirror-corrupt', {
    userMessage: `Could not ${attempt.purpose}: the local copy of the repository is damaged (${words(line)}).`,
    remedy: 'The copy is thrown away and fetched again by itself. If this comes back, check the disk of the data folder.',
    retryable: true,
  })
}

function diskFull(attempt: GitAttempt, line: string): ConnectorError {
  return new ConnectorError('disk-full', {
    userMessage: `Could not ${attempt.purpose}: there is no space left in the data folder (${words(line)}).`,
    remedy: 'Free space on the disk of the data folder, or move the data folder to a larger one.',
    retryable: true,
  })
}

function unknownFailure({ exitCode, lines }: GitEnd, attempt: GitAttempt): ConnectorError {
  const line = lines.findLast((candidate) => /^(fatal|error):/.test(candidate)) ?? lines.at(-1) ?? 'no message'
  const ended = exitCode === null ? 'git was killed' : `git ended with ${exitCode}`
  const from = attempt.url === null ? '' : ` of ${attempt.url}`
  return new ConnectorError('git-failed', {
    userMessage: `Could not ${attempt.purpose}${from}: ${ended} (${words(line)}).`,
    remedy: 'It is tried again later. If this comes back, run "jira-dvcs doctor" and look at the log.',
    retryable: true,
  })
}

/** A line of git as part of a sentence: without its prefix, printable, short. */
function words(line: string): string {
  const text = line.replace(/^(fatal|error|warning): /, '').replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
  return text.replace(/[.\s]+$/, '').slice(0, 300)
}
