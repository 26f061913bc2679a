import { isPermissive } from '../../tools/third-party-notices.ts'

/** The part of package-lock.json (version 3) that is looked at. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Asks only that changes to its own files stay open: fine for a tool, which is not passed on. */
const TOOLS_ONLY = /^MPL-2\.0$/

/** `name: licence` of every package whose licence asks for more than its name being kept. */
export function findForbiddenLicences({ packages }: LockFile): string[] {
  return Object.entries(packages)
    .filter(([path, { license, dev }]) => path !== '' && !isPermissive(license ?? '', dev === true ? TOOLS_ONLY : undefined))
    .map(([path, { license }]) => `${path.replace(/^.*node_modules\//, '')}: ${license ?? 'none'}`)
}

/** What would make `npm ci` fail on another platform or behind another registry. */
export function findLockProblems({ packages }: LockFile): string[] {
  return Object.entries(packages).flatMap(([path, locked]) => [
    ...Object.keys(locked.optionalDependencies ?? {})
      .filter((name) => packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined)
      .map((name) => `${name}: optional dependency of ${path || 'the project'} without an entry`),
    ...(path !== '' && locked.integrity === undefined ? [`${path}: has no integrity`] : []),
    ...(locked.resolved === undefined ? [] : [`${path}: names a registry`]),
  ])
}

/** `name: version` of what could be another version tomorrow: a range, a tag, a folder, a repository. */
export function findLooseVersions(dependencies: Readonly<Record<string, string>>): string[] {
  return Object.entries(dependencies)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name}: ${version}`)
}

/** `name: what is wrong` where the table of decisions and the dependencies differ: a line too few, too many, or another licence. */
export function findUndecided(text: string, names: readonly string[], { packages }: LockFile): string[] {
  const rows = new Map(
    [...text.matchAll(/^\| `([^`]+)` \|.*\| ([^|]+) \|$/gm)].map(([, name = '', licence = '']) => [name, licence.trim()]),
  )
  const wrong = names.flatMap((name) => {
    const licence = packages[`node_modules/${name}`]?.license
    return rows.get(name) === licence ? [] : [`${name}: ${rows.has(name) ? `its licence is ${licence}` : 'has no line'}`]
  })
  return [...wrong, ...[...rows.keys()].filter((name) => !names.includes(name)).map((name) => `${name}: is no dependency`)]
}
