// `npm run test:install`: a fresh machine (see machine.ts) installs the committed checkout with npm 11 as whoever we are,
// and with npm 10 as somebody without rights, then the packed package elsewhere, and starts it. No compiler and no other
// registry can have helped, because the machine has none.
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFreshMachine, findMachineNpm, findUnprivilegedUser, type User } from './machine.ts'
import { serve, serveOnPostgres, type Served } from './serve.ts'

const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url))
const NPM_VERSIONS = { 11: '11.19.1', 10: '10.8.2' } // 10.8.2 is what Node.js 20.20 brings.

/** What the installed package must do: arguments of `jira-dvcs`, and what its output must match. */
const STARTS: readonly (readonly [args: readonly string[], output: RegExp])[] = [
  [['--version'], /^\d+\.\d+\.\d+\s*$/],
  [['demo', '--once'], /(\d+) of \1 issues that the commits name show them in Jira/],
]

const results: boolean[] = []
const machine = await createFreshMachine()
try {
  const nobody = await findUnprivilegedUser()
  const npm11 = await machine.addPath('bin-11', await findNpm(11))
  const npm10 = await machine.addPath('bin-10', await findNpm(10))
  await step('the PATH of the fresh machine has no compiler', () => assertNoCompiler(npm11))
  await step('npm 11 installs the checkout', () => installCheckout({ name: 'checkout-11', path: npm11 }))
  if (nobody !== undefined) execFileSync('chown', ['-R', `${nobody.uid}:${nobody.gid}`, machine.folder])
  await step('npm 10 installs the checkout, without rights', () =>
    installCheckout({ name: 'checkout-10', path: npm10, user: nobody }),
  )
  await step('the package is built and packed', () => packPackage({ name: 'checkout-10', path: npm10, user: nobody }))
  const elsewhere = { name: 'elsewhere', path: npm10, user: nobody }
  await step('npm 10 installs the packed package elsewhere', () => installPackage(elsewhere))
  for (const [args, output] of STARTS) {
    await step(`it starts: jira-dvcs ${args.join(' ')}`, () => startPackage(elsewhere, args, output))
  }
  await step('it comes with the notices of what is bundled', () => assertNotices(elsewhere))
  await step('it serves on SQLite', () => serve(toServed(elsewhere), 'sqlite'))
  await step('it serves on PostgreSQL', () => serveOnPostgres(toServed(elsewhere)))
} finally {
  await machine.remove()
}
const failed = results.filter((passed) => !passed).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

interface Place {
  /** Folder within the machine. */
  readonly name: string
  readonly path: string
  readonly user?: User | undefined
}

async function step(name: string, work: () => Promise<void>): Promise<void> {
  const startedAt = performance.now()
  const problem = await work().then(
    () => null,
    (error: unknown) => String(error),
  )
  results.push(problem === null)
  console.log(`${problem === null ? 'ok     ' : 'FAILED '} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`)
  if (problem !== null) console.log(problem)
}

/** This machine's npm if it is of that major version, else one fetched from the registry. */
async function findNpm(major: 10 | 11): Promise<string> {
  const own = findMachineNpm()
  if (execFileSync(own, ['--version'], { encoding: 'utf8' }).startsWith(`${major}.`)) return own
  const folder = join(machine.folder, `npm-${major}`)
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{}')
  execFileSync(own, ['install', '--no-audit', '--no-fund', `npm@${NPM_VERSIONS[major]}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')
}

async function assertNoCompiler(path: string): Promise<void> {
  const found = (await readdir(path)).filter((name) =>
    /^(cc|c\+\+|gcc|g\+\+|clang.*|make|cmake|python.*|node-gyp|curl|wget)$/.test(name),
  )
  if (found.length > 0) throw new Error(`the PATH holds ${found.join(', ')}`)
}

/** Clones what is committed and installs it; a program of the installed packages must run, compiled parts included. */
async function installCheckout({ name, path, user }: Place): Promise<void> {
  const cwd = join(machine.folder, name)
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', repositoryRoot, cwd])
  if (user !== undefined) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, cwd])
  await run('npm', ['ci', '--no-audit', '--no-fund'], { name, path, user })
  const sqlite = `const database = new (require('better-sqlite3'))(':memory:'); console.log(process.versions.node, database.prepare('select 1').pluck().get())`
  const output = await run('node', ['tools/with-node.mjs', '-e', sqlite], { name, path, user })
  if (!/^26\.\d+\.\d+ 1\s*$/.test(output)) throw new Error(`SQLite on the Node.js that npm brought answered: ${output}`)
}

async function packPackage(place: Place): Promise<void> {
  await run('npm', ['run', 'build'], place)
  await run('npm', ['pack', '--pack-destination', machine.folder], place)
}

/** As a user does it: without the checkout's .npmrc, so that install scripts would run if any package had one. */
async function installPackage({ name, path, user }: Place): Promise<void> {
  const cwd = join(machine.folder, name)
  await mkdir(cwd)
  await chmod(cwd, 0o777)
  const archive = (await readdir(machine.folder)).find((file) => file.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack made no archive')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', '.', join(machine.folder, archive)], { name, path, user })
}

function findInPackage({ name }: Place, ...path: string[]): string {
  return join(machine.folder, name, 'node_modules', 'jira-dvcs', ...path)
}

async function startPackage(place: Place, args: readonly string[], expected: RegExp): Promise<void> {
  const output = await run('node', [findInPackage(place, 'tools', 'jira-dvcs.mjs'), ...args], place)
  if (!expected.test(output)) throw new Error(`printed: ${output}`)
  const { version } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }
  if (args[0] === '--version' && output.trim() !== version) throw new Error(`is ${output.trim()}, not ${version}`)
}

/** The notices name what the service is made of, and what the web interface is. */
async function assertNotices(place: Place): Promise<void> {
  const text = await readFile(findInPackage(place, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8')
  const missing = ['fastify', 'graphile-worker', 'kysely', '@atlaskit/css-reset', 'react-dom', 'uplot'].filter(
    (name) => !new RegExp(`^${name} \\d\\S* \\(`, 'm').test(text),
  )
  if (missing.length > 0) throw new Error(`no notice of ${missing.join(', ')}`)
}

function toServed(place: Place): Served {
  return {
    machine,
    program: findInPackage(place, 'tools', 'jira-dvcs.mjs'),
    where: { path: place.path, cwd: join(machine.folder, place.name), user: place.user },
  }
}

function run(program: string, args: readonly string[], { name, path, user }: Place): Promise<string> {
  return machine.run(program, args, { cwd: join(machine.folder, name), path, ...(user === undefined ? {} : { user }) })
}
