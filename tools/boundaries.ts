// Checks the import boundaries of .dependency-cruiser.cjs on the checkout it is started in, and that every source file
// was read: with a TypeScript that dependency-cruiser cannot use it reads nothing and finds nothing.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'

const FOLDERS = ['src', 'web']
const SOURCES = FOLDERS.map((folder) => `${folder}/**/*.{ts,tsx,mts,js,jsx,mjs}`)

const options = await extractOptions(join(process.cwd(), '.dependency-cruiser.cjs'))
const { output } = await cruise(FOLDERS, options)
if (typeof output === 'string') throw new Error('dependency-cruiser answered text instead of modules')
const problems = [...findUnread(output), ...describeViolations(output)]
for (const problem of problems) console.error(problem)
console.log(`${output.modules.length} modules, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

/** Files on the disk that are missing from the result, and files whose imports were not seen. */
function findUnread({ modules }: ICruiseResult): string[] {
  const read = new Map(modules.map((module) => [module.source, module]))
  const paths = globSync(SOURCES, { exclude: (path) => /(^|\/)(dist|fixtures|node_modules)$/.test(path) })
  const unread = paths.filter((path) => {
    const module = read.get(path)
    return module === undefined || (module.dependencies.length === 0 && /^import .*from '/m.test(readFileSync(path, 'utf8')))
  })
  return unread.map((path) => `modules-not-read: ${path}`)
}

function describeViolations({ summary }: ICruiseResult): string[] {
  return summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle === undefined ? to : cycle.map((step) => step.name).join(' → ')
    return `${rule.name}: ${from} → ${path}`
  })
}
