import { readFile, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { mirrorCorrupt } from './git-failure.ts'
import type { GitProgram } from './git-program.ts'
import type { ObjectFormat } from './protocol.ts'

const PURPOSE = 'open the local copy of the repository'

/**
 * Makes the mirror's folder ready: created when absent, checked when there. A new one is built beside and moved into
 * place, so that a half-made one never stands there. Throws `mirror-corrupt` for a damaged one.
 */
export async function prepareFolder(git: GitProgram, folder: string, objectFormat: ObjectFormat): Promise<void> {
  const entries = await listEntries(folder)
  if (entries === null || entries.length === 0) {
    await createFolder(git, folder, objectFormat)
    return
  }
  await removeLeftovers(folder)
  await rm(unfinished(folder), { recursive: true, force: true })
  const args = ['rev-parse', '--is-bare-repository', '--show-object-format']
  const [bare, format] = (await git.run({ args, folder, purpose: PURPOSE })).split('\n')
  if (bare !== 'true') throw mirrorCorrupt({ purpose: PURPOSE }, 'it is not a bare repository')
  if (format !== objectFormat) throw mirrorCorrupt({ purpose: PURPOSE }, `it uses ${format}, the host ${objectFormat}`)
  await checkPacks(folder)
}

/** Removes the mirror and everything half-made beside it. */
export async function discardFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await rm(unfinished(folder), { recursive: true, force: true })
}

/** Names of the files in `objects/pack` that end like this. */
export async function listPackFiles(folder: string, ending: string): Promise<string[]> {
  const names = (await listEntries(join(folder, 'objects', 'pack'))) ?? []
  return names.filter((name) => name.startsWith('pack-') && name.endsWith(ending))
}

/**
 * Whether there may be refs below a prefix such as `refs/heads/`, told by the files alone: asking git takes a process, about
 * 10 ms, and most repositories have no head of a pull request, and a new one no branch.
 */
export async function mayHaveRefs(folder: string, prefix: string): Promise<boolean> {
  if ((await countLooseRefs(folder, prefix)) > 0) return true
  const packed = await readFile(join(folder, 'packed-refs'), 'latin1').catch((error: unknown) => {
    if (isAbsent(error)) return ''
    throw error
  })
  return packed.includes(` ${prefix}`)
}

/** Refs below a prefix that lie in files of their own. */
export async function countLooseRefs(folder: string, prefix: string): Promise<number> {
  const entries = await readdir(join(folder, prefix), { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw error
  })
  return entries.filter((entry) => entry.isFile()).length
}

async function createFolder(git: GitProgram, folder: string, objectFormat: ObjectFormat): Promise<void> {
  const building = unfinished(folder)
  await rm(building, { recursive: true, force: true })
  const args = ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', `--object-format=${objectFormat}`, building]
  await git.run({ args, folder: null, purpose: 'create the local copy of the repository' })
  await rmdir(folder).catch((error: unknown) => {
    if (!isAbsent(error)) throw error
  })
  await rename(building, folder)
}

/** An index without its pack, or an empty file, is what a crash of the machine leaves; git would skip it silently. */
async function checkPacks(folder: string): Promise<void> {
  const packs = new Set(await listPackFiles(folder, '.pack'))
  for (const index of await listPackFiles(folder, '.idx')) {
    const pack = index.replace(/idx$/, 'pack')
    if (!packs.has(pack)) throw mirrorCorrupt({ purpose: PURPOSE }, `${pack} is missing`)
    for (const name of [index, pack]) {
      const { size } = await stat(join(folder, 'objects', 'pack', name))
      if (size === 0) throw mirrorCorrupt({ purpose: PURPOSE }, `${name} is empty`)
    }
  }
}

/**
 * Locks and unfinished files of a killed git. Only one process works on a mirror, and none is at it now, so whatever is
 * left belongs to nobody.
 */
async function removeLeftovers(folder: string): Promise<void> {
  const places = [
    folder,
    join(folder, 'objects', 'pack'),
    join(folder, 'objects', 'info'),
    ...(await listFolders(join(folder, 'refs'))),
  ]
  for (const place of places) {
    for (const name of (await listEntries(place)) ?? []) {
      if (/\.lock$|^packed-refs\.new$|^\.?tmp[_-]|\.keep$/.test(name))
        await rm(join(place, name), { recursive: true, force: true })
    }
  }
}

async function listFolders(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw error
  })
  return [root, ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))]
}

async function listEntries(folder: string): Promise<string[] | null> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** A branch can be called anything but this folder stands outside the repository. */
function unfinished(folder: string): string {
  return `${folder.replace(/[/\\]+$/, '')}.unfinished`
}
