import { sha, type Sha } from '../domain/ids.ts'
import type { GitRemote } from '../domain/git-remote.ts'
import { isUsableRefName } from '../domain/ref-name.ts'
import type { HttpClient, HttpResponse } from '../lib/http-client.ts'
import { DELIMITER_PACKET, FLUSH_PACKET, PacketError, parsePackets, toPacket, type Packet } from './pkt-line.ts'
import { remoteFailure, statusFailureCode, type RemoteAttempt } from './remote-failure.ts'

export type ObjectFormat = 'sha1' | 'sha256'

export interface RemoteRefs {
  /** Partial clones are offered. Without this a filter is ignored silently and everything is sent. */
  readonly supportsFilter: boolean
  readonly objectFormat: ObjectFormat
  /** Full ref name to the object it names. */
  readonly refs: ReadonlyMap<string, Sha>
  /** How many refs are left out because they cannot be followed, see `isUsableRefName`. */
  readonly unusable: number
}

export interface ListRemoteRefsOptions {
  readonly http: HttpClient
  readonly remote: GitRemote
  /** Beginnings of full ref names, such as `refs/heads/`; at least one. */
  readonly prefixes: readonly string[]
  readonly signal: AbortSignal
}

/** 64 MiB hold about 600,000 refs. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/**
 * Lists refs of a repository over plain HTTP, without the git program: 5 ms instead of 100. Complete or an error, never
 * a shorter list: `credentials-refused`, `permission-missing`, `not-found`, `rate-limited`, `redirect-refused`,
 * `host-unavailable`, `unexpected-answer`, or one of the HTTP client's. Source: gitprotocol-http, gitprotocol-v2.
 */
export async function listRemoteRefs(options: ListRemoteRefsOptions): Promise<RemoteRefs> {
  const attempt = { purpose: 'list the refs', url: options.remote.url }
  try {
    const advertisement = await ask(options, attempt, null)
    const packets = withoutServiceLine(parsePackets(advertisement))
    throwRemoteError(packets, attempt)
    if (textOf(packets[0]) !== 'version 2') return parseFirstGeneration(packets, options.prefixes)
    const capabilities = parseCapabilities(packets)
    const answer = parsePackets(await ask(options, attempt, toListCommand(capabilities, options.prefixes)))
    throwRemoteError(answer, attempt)
    return { ...toFeatures(capabilities), ...toRefs(untilFlush(answer), options.prefixes) }
  } catch (error) {
    if (error instanceof PacketError) throw remoteFailure('unexpected-answer', attempt, error.message)
    throw error
  }
}

type Capabilities = ReadonlyMap<string, string>

async function ask(
  { http, remote, signal }: ListRemoteRefsOptions,
  attempt: RemoteAttempt,
  command: string | null,
): Promise<Buffer> {
  const base = remote.url.replace(/\/+$/, '')
  const kind = command === null ? 'advertisement' : 'result'
  const headers: Record<string, string> = { 'git-protocol': 'version=2', accept: `application/x-git-upload-pack-${kind}` }
  if (remote.authorization !== null) headers.authorization = remote.authorization
  if (command !== null) headers['content-type'] = 'application/x-git-upload-pack-request'
  const response = await http.send({
    url: new URL(command === null ? `${base}/info/refs?service=git-upload-pack` : `${base}/git-upload-pack`),
    headers,
    signal,
    maxBytes: MAX_ANSWER_BYTES,
    ...(command === null ? { method: 'GET' } : { method: 'POST', bytes: Buffer.from(command), repeatable: true }),
  })
  if (response.status !== 200) {
    throw remoteFailure(statusFailureCode(response.status), { ...attempt, retryAt: retryAt(response) }, `HTTP ${response.status}`)
  }
  const type = (response.headers['content-type'] ?? 'no content type').split(';', 1).join('')
  if (type !== `application/x-git-upload-pack-${kind}`)
    throw remoteFailure('unexpected-answer', attempt, `HTTP 200 with ${type.slice(0, 100)}`)
  return response.body
}

/** Only the seconds form of Retry-After can be used without a clock; GitLab sends that one beside a date of the answer. */
function retryAt({ headers }: HttpResponse): Date | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  const answeredAt = Date.parse(headers.date ?? '')
  return Number.isFinite(seconds + answeredAt) ? new Date(answeredAt + seconds * 1000) : null
}

function textOf(packet: Packet | undefined): string | null {
  return packet?.kind === 'data' ? packet.text : null
}

/** Version 2 servers may leave the service line out. */
function withoutServiceLine(packets: readonly Packet[]): readonly Packet[] {
  if (textOf(packets[0]) !== '# service=git-upload-pack') return packets
  if (packets[1]?.kind !== 'flush') throw new PacketError('no flush after the service line')
  return packets.slice(2)
}

function throwRemoteError(packets: readonly Packet[], attempt: RemoteAttempt): void {
  const text = packets.map(textOf).find((candidate) => candidate?.startsWith('ERR ') === true)
  if (text === undefined || text === null) return
  const answer = text
    .slice(4)
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/[.\s]+$/, '')
    .slice(0, 300)
  // The protocol has no codes for these: GitLab's and git's own words, see git-failure.ts.
  if (/not found|could not be found|not exported|does not exist/i.test(answer)) throw remoteFailure('not-found', attempt, answer)
  if (/access denied|not allowed/i.test(answer)) throw remoteFailure('permission-missing', attempt, answer)
  throw remoteFailure('host-unavailable', attempt, answer)
}

function parseCapabilities(packets: readonly Packet[]): Capabilities {
  const capabilities = new Map<string, string>()
  for (const text of untilFlush(packets.slice(1))) {
    const [name = '', ...value] = text.split('=')
    capabilities.set(name, value.join('='))
  }
  if (!capabilities.has('ls-refs')) throw new PacketError('the server does not offer ls-refs')
  return capabilities
}

/** The texts of a list that must end with a flush and nothing behind it. */
function untilFlush(packets: readonly Packet[]): string[] {
  if (packets.at(-1)?.kind !== 'flush') throw new PacketError('the list has no end')
  return packets.slice(0, -1).map((packet) => {
    const text = textOf(packet)
    if (text === null) throw new PacketError(`${packet.kind} in the middle of a list`)
    return text
  })
}

function toFeatures(capabilities: Capabilities): { supportsFilter: boolean; objectFormat: ObjectFormat } {
  return {
    supportsFilter: (capabilities.get('fetch') ?? '').split(' ').includes('filter'),
    objectFormat: toObjectFormat(capabilities.get('object-format')),
  }
}

function toObjectFormat(name: string | undefined): ObjectFormat {
  if (name === undefined || name === 'sha1') return 'sha1'
  if (name === 'sha256') return 'sha256'
  throw new PacketError('the server uses an unknown object format')
}

function toListCommand(capabilities: Capabilities, prefixes: readonly string[]): string {
  const format = capabilities.get('object-format')
  return [
    toPacket('command=ls-refs\n'),
    format === undefined ? '' : toPacket(`object-format=${format}\n`),
    DELIMITER_PACKET,
    ...prefixes.map((prefix) => toPacket(`ref-prefix ${prefix}\n`)),
    FLUSH_PACKET,
  ].join('')
}

/** Servers may send more than the prefixes ask for. Git itself allows every character in names but blanks and ASCII controls. */
function toRefs(lines: readonly string[], prefixes: readonly string[]): Pick<RemoteRefs, 'refs' | 'unusable'> {
  const refs = new Map<string, Sha>()
  let unusable = 0
  for (const line of lines) {
    const match = LISTED_REF.exec(line)
    const [, object = '', name = ''] = match ?? []
    if (name === '') throw new PacketError('a line of the list is no ref')
    if (!prefixes.some((prefix) => name.startsWith(prefix))) continue
    if (isUsableRefName(name)) refs.set(name, sha(object))
    else unusable++
  }
  return { refs, unusable }
}

const LISTED_REF = /^([0-9a-f]{40}|[0-9a-f]{64}) ([!-~\u0080-\uffff]+)(?: |$)/

/** Versions 0 and 1 send all refs at once, the capabilities behind a NUL in the first. */
function parseFirstGeneration(packets: readonly Packet[], prefixes: readonly string[]): RemoteRefs {
  const lines = untilFlush(textOf(packets[0]) === 'version 1' ? packets.slice(1) : packets)
  const [first = '', capabilityText = ''] = (lines[0] ?? '').split('\0')
  const words = capabilityText.split(' ')
  const objectFormat = toObjectFormat(words.find((word) => word.startsWith('object-format='))?.slice('object-format='.length))
  const listed = [first, ...lines.slice(1)].filter((line) => !line.endsWith('^{}') && !line.startsWith('shallow '))
  return { supportsFilter: words.includes('filter'), objectFormat, ...toRefs(listed, prefixes) }
}
