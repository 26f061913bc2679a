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

const PERMISSIVE =
  /^(MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|Python-2\.0|PostgreSQL|Zlib|CC0-1\.0|CC-BY-[34]\.0)$/
/** Asks only that changes to its own files stay open: fine for a tool, which is not passed on. */
const TOOLS_ONLY = /^MPL-2\.0$/

/** `name: licence` of every package whose licence asks for more than its name being kept. */
export function findForbiddenLicences({ packages }: LockFile): string[] {
  return Object.entries(packages)
    .filter(([path, { license, dev }]) => path !== '' && !isAllowed(license ?? '', dev ?? false))
    .map(([path, { license }]) => `${path.replace(/^.*node_modules\//, '')}: ${license ?? 'none'}`)
}

function isAllowed(expression: string, dev: boolean): boolean {
  const choices = expression.replace(/^\((.*)\)$/, '$1').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((name) => PERMISSIVE.test(name) || (dev && TOOLS_ONLY.test(name))))
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
