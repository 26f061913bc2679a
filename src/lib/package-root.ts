import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The folder of the installed package or checkout, for files that are shipped beside the code (`jira-app/`, `docs/`, the
 * built web interface). The same whether the sources run (`src/`) or the build does (`dist/src/`).
 */
export const packageRoot: string = findPackageRoot(import.meta.dirname)

function findPackageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error(`No package.json above ${import.meta.dirname}`)
  return findPackageRoot(parent)
}
