import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Licences that ask for no more than their text and names being passed on. */
const PERMISSIVE =
  /^(MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|Unlicense|Python-2\.0|PostgreSQL|Zlib|CC0-1\.0|CC-BY-[34]\.0)$/

/** What Vite's licence adds about what Vite itself bundles; none of that goes into what it builds. */
const OF_VITE_ITSELF = /\n# Licenses of bundled dependencies\n[^]*$/

const HEADING = 'Packages that are part of the files in this folder, and their licences. Apache-2.0 is in full in ../LICENSE.\n'

interface Notice {
  /** Name, version and licence. */
  readonly title: string
  readonly text: string
}

/** Whether an SPDX expression lets a package be used and passed on freely; `also` are more licences to let through. */
export function isPermissive(expression: string, also?: RegExp): boolean {
  const choices = expression.replace(/^\((.*)\)$/, '$1').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((name) => PERMISSIVE.test(name) || also?.test(name) === true))
}

/**
 * The notices that the licences of bundled packages ask for: a text once, below all packages that come with it.
 *
 * @param modules ids of modules as a bundler tells them: paths, or names that begin with NUL
 * @throws Error when a package has no licence that lets it be passed on freely
 */
export function describeThirdParties(modules: Iterable<string>, root: string): string {
  const folders = new Set([...modules].flatMap((id) => findPackage(id, root) ?? []))
  const titles = new Map<string, Set<string>>()
  for (const { title, text } of [...folders].map(readNotice)) titles.set(text, (titles.get(text) ?? new Set()).add(title))
  const sections = [...titles].map(([text, names]) => `${[...names].toSorted().join('\n')}\n\n${text}\n`)
  return [HEADING, ...sections.toSorted()].join(`\n${'-'.repeat(80)}\n\n`)
}

/** The folder of the package that a module is of; null for our own. */
function findPackage(id: string, root: string): string | null {
  const path = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0]
  if (path !== undefined) return path.replace(/^\0/, '')
  // What the bundlers themselves put in.
  if (/^\0(rolldown|@oxc-project)\b/.test(id)) return join(root, 'node_modules/rolldown')
  return /^\0vite\b/.test(id) ? join(root, 'node_modules/vite') : null
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: unknown
  readonly author?: string | { readonly name?: string }
}

function readNotice(folder: string): Notice {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  if (typeof license !== 'string' || !isPermissive(license))
    throw new Error(`${name} ${version} cannot be bundled: its licence is ${JSON.stringify(license)}`)
  const files = readdirSync(folder)
  const texts = files
    .filter((file) => /^(licen[cs]e|copying|notice)(\b|-)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').replace(OF_VITE_ITSELF, ''))
  const readme = files.find((file) => /^readme/i.test(file))
  if (texts.length === 0 && readme !== undefined) texts.push(...findSection(readFileSync(join(folder, readme), 'utf8')))
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`)
  if (texts.length === 0) texts.push(`By ${holder}, under the licence ${license}, of which the package brings no text.`)
  return { title: `${name} ${version} (${license})`, text: texts.map((text) => text.trim()).join('\n\n') }
}

/** What a readme says below "License". */
function findSection(readme: string): string[] {
  const section = /^#+ *licen[cs]e\b.*\n([^]*?)(?=^#|(?![^]))/im.exec(readme)?.[1]?.trim()
  return section === undefined || section === '' ? [] : [section]
}
