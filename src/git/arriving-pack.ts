import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sha } from '../domain/ids.ts'
import { systemClock } from '../lib/clock.ts'
import type { LoggedCommit } from './commit-log.ts'
import { applyDifference, HEAD_BYTES, readObject, readPackHead, UnreadablePack, type PackedObject } from './pack-objects.ts'
import type { ObjectFormat } from './protocol.ts'
import { nameCommit, parseRawCommit } from './raw-commit.ts'

export interface ArrivingPackOptions {
  readonly objectFormat: ObjectFormat
  /** Git has ended: what is there is all that there will be. */
  readonly ended: () => boolean
  readonly signal: AbortSignal
}

export interface ArrivedCommits {
  readonly commits: readonly LoggedCommit[]
  /** Those of which git has to tell: see `parseRawCommit`. */
  readonly unusual: readonly Sha[]
}

/** The file grows by 4 KiB at a time; looking is a system call. */
const LOOK_EVERY_MS = 10
const READ_BYTES = 256 * 1024
/** Commits that a difference may be made of are kept up to so many bytes; others are read again, of so many bytes at most. */
const KEPT_BYTES = 8 * 1024 * 1024
const REREAD_BYTES = 64 * 1024
/** Git is quicker where this happens more often, and a pack may be made to have it happen for hours. */
const MAX_REREADS = 20_000

/**
 * The commits of the only pack of a folder, as they arrive: git writes what it receives to `tmp_pack_…` byte by byte as the
 * host sent it, and gives the file its name when all of it is there and checked. So a first history is read while it is
 * fetched, by a processor that would have nothing to do, and `git log` need not inflate everything a second time. What
 * was read is certain only when git has ended well.
 *
 * @throws UnreadablePack when not every object could be read as a commit: then the history is to be asked from git
 */
export async function* readArrivingPack(
  folder: string,
  options: ArrivingPackOptions,
): AsyncGenerator<ArrivedCommits, void, undefined> {
  const file = await openPack(join(folder, 'objects', 'pack'), options)
  try {
    const resolve = createResolver(file)
    for await (const batch of readObjects(file, options)) {
      const commits: LoggedCommit[] = []
      const unusual: Sha[] = []
      for (const object of batch) {
        const data = await resolve(object)
        const name = nameCommit(data, options.objectFormat)
        const commit = parseRawCommit(data, name)
        if (commit === null) unusual.push(name)
        else commits.push(commit)
      }
      yield { commits, unusual }
    }
  } finally {
    await file.close()
  }
}

/** Whether the pack that git receives becomes larger than so many bytes; false when git ended before. */
export async function waitForLargePack(
  folder: string,
  { bytes, ended, signal }: Pick<ArrivingPackOptions, 'ended' | 'signal'> & { readonly bytes: number },
): Promise<boolean> {
  const packs = join(folder, 'objects', 'pack')
  while (!ended()) {
    const name = (await readdir(packs)).find(isGrowing)
    const size = name === undefined ? 0 : ((await stat(join(packs, name)).catch(absent))?.size ?? 0)
    if (size > bytes) return true
    await systemClock.sleep(LOOK_EVERY_MS, signal)
  }
  return false
}

const isGrowing = (name: string) => name.startsWith('tmp_pack_')

/** It was given its last name in between. */
function absent(error: NodeJS.ErrnoException): null {
  if (error.code !== 'ENOENT') throw error
  return null
}

/** Under the name that it has while it grows, else under its last one. */
async function openPack(folder: string, { ended, signal }: ArrivingPackOptions): Promise<FileHandle> {
  for (;;) {
    const isLast = ended()
    const names = await readdir(folder)
    const name = names.find(isGrowing) ?? names.find((one) => /^pack-[0-9a-f]+\.pack$/.test(one))
    if (name !== undefined) {
      const file = await open(join(folder, name)).catch(absent)
      if (file !== null) return file
    } else if (isLast) throw new UnreadablePack('git received none')
    else await systemClock.sleep(LOOK_EVERY_MS, signal)
  }
}

async function* readObjects(file: FileHandle, options: ArrivingPackOptions): AsyncGenerator<PackedObject[], void, undefined> {
  let bytes: Buffer = Buffer.alloc(0)
  let start = 0
  let left: number | null = null
  while (left !== 0) {
    options.signal.throwIfAborted()
    // Asked first: what was written before git ended is then read below.
    const isLast = options.ended()
    const more = await readMore(file, start + bytes.length)
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more])
    const whole = isLast && more.length < READ_BYTES
    let at = 0
    if (left === null && bytes.length >= HEAD_BYTES) {
      left = readPackHead(bytes)
      at = HEAD_BYTES
    }
    const batch: PackedObject[] = []
    while (left !== null && left > 0) {
      const object = readObject(bytes, { at, start, whole })
      if (object === null) break
      if (object.kind === 'other') throw new UnreadablePack('more than commits')
      batch.push(object)
      at = object.end - start
      left -= 1
    }
    if (batch.length > 0) yield batch
    bytes = bytes.subarray(at)
    start += at
    if (left !== 0 && whole) throw new UnreadablePack('it ends early')
    if (more.length === 0) await systemClock.sleep(LOOK_EVERY_MS, options.signal)
  }
}

async function readMore(file: FileHandle, position: number, bytes = READ_BYTES): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, position)
  return buffer.subarray(0, bytesRead)
}

/** Makes whole commits of the objects of a pack, in their order: a difference is made of an object that lies before it. */
function createResolver(file: FileHandle): (object: PackedObject) => Promise<Buffer> {
  const kept = new Map<number, Buffer>()
  let keptBytes = 0
  let rereads = 0

  function keep(offset: number, data: Buffer): void {
    kept.set(offset, data)
    keptBytes += data.length
    for (const [oldest, { length }] of kept) {
      if (keptBytes <= KEPT_BYTES) break
      kept.delete(oldest)
      keptBytes -= length
    }
  }

  async function makeWhole(object: PackedObject): Promise<Buffer> {
    const differences: Buffer[] = []
    let current = object
    while (current.kind === 'difference') {
      const { base, offset, data } = current
      if (base === null || base < HEAD_BYTES || base >= offset) throw new UnreadablePack('a difference without its base')
      differences.push(data)
      const known = kept.get(base)
      if (known !== undefined) return differences.reduceRight(applyDifference, known)
      rereads += 1
      if (rereads > MAX_REREADS) throw new UnreadablePack('differences of far objects')
      current = await readObjectAt(file, base)
    }
    if (current.kind === 'other') throw new UnreadablePack('a difference against no commit')
    return differences.reduceRight(applyDifference, current.data)
  }

  let hasDifferences = false
  return async (object) => {
    hasDifferences ||= object.kind === 'difference'
    const data = object.kind === 'difference' ? await makeWhole(object) : object.data
    // Most packs have none, and then nothing need be kept.
    if (hasDifferences) keep(object.offset, data)
    return data
  }
}

async function readObjectAt(file: FileHandle, offset: number): Promise<PackedObject> {
  const object = readObject(await readMore(file, offset, REREAD_BYTES), { at: 0, start: offset, whole: true })
  if (object === null) throw new UnreadablePack('a base that is cut')
  return object
}
