// `npm run check`: every check, all of them even when one fails, and a last line that scripts can read.
import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** What each check is called, and the program of node_modules or file of ours that does it. */
const CHECKS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  format: ['node_modules/oxfmt/bin/oxfmt', '--check'],
  lint: ['node_modules/oxlint/bin/oxlint', '--deny-warnings'],
  types: ['node_modules/typescript/bin/tsc', '-p', '.'],
  'types of web': ['node_modules/typescript/bin/tsc', '-p', 'web'],
  boundaries: ['tools/boundaries.ts'],
  'unused code': ['node_modules/knip/bin/knip.js', '--no-progress'],
}

const results = await Promise.all(Object.entries(CHECKS).map(([name, command]) => runCheck(name, command)))
const failed = results.filter((passed) => !passed).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function runCheck(name: string, [program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(process.cwd(), program), ...args], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      console.log(error === null ? `ok      ${name}` : `FAILED  ${name}\n${stdout}${stderr}`)
      resolve(error === null)
    })
  })
}
