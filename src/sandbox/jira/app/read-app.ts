import { strFromU8, unzipSync } from 'fflate'
import { toCondition } from './conditions.ts'
import type { Condition, IndexedValue, InstalledApp, WebItem, WebPanel, WebResource, WebSection } from './installed-app.ts'
import { readTexts } from './read-texts.ts'
import { readXml, type XmlElement } from './read-xml.ts'

const MODULES = new Set(['web-panel', 'web-section', 'web-item', 'web-resource', 'index-document-configuration'])
const INDEX_TYPES: readonly string[] = ['number', 'string', 'date'] satisfies readonly IndexedValue['type'][]
/** Of the locations that Jira's issue page has. */
const PANEL_LOCATIONS = ['atl.jira.view.issue.right.context', 'atl.jira.view.issue.left.context']

/** What the modules of one app are read from. */
interface Reading {
  readonly key: string
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly texts: ReadonlyMap<string, string>
}

/**
 * Installs a jar the way Jira does, but strictly: where Jira would leave a module out or show something odd, this fails.
 *
 * @throws Error
 */
export function readApp(jar: Uint8Array): InstalledApp {
  const files = unzipSync(jar)
  const manifest = textOf(files, 'META-INF/MANIFEST.MF')
  if (!/^Manifest-Version: 1\.0\r?\n/.test(manifest) || !manifest.endsWith('\n')) throw new Error('the manifest is none')
  // Such a jar gets no container, and nothing creates its conditions.
  if (/^Atlassian-Plugin-Key:/m.test(manifest)) throw new Error('the jar is not transformed: its conditions cannot be created')
  const descriptor = readXml(textOf(files, 'atlassian-plugin.xml'))
  if (descriptor.name !== 'atlassian-plugin' || descriptor.attributes['plugins-version'] !== '2')
    throw new Error('the descriptor is none of version 2')
  const key = attribute(descriptor, 'key')
  const information = only(descriptor, 'plugin-info')
  const reading = { key, files, texts: readAllTexts(files, descriptor) }
  const modules = descriptor.children.filter(({ name }) => name !== 'plugin-info' && name !== 'resource')
  const unknown = modules.find(({ name }) => !MODULES.has(name))
  if (unknown !== undefined) throw new Error(`there is no module type ${unknown.name}`)
  const moduleKeys = modules.map((module) => attribute(module, 'key'))
  if (new Set(moduleKeys).size < moduleKeys.length) throw new Error('two modules have the same key')
  for (const name of ['plugin-icon', 'plugin-logo']) bytesOf(files, parametersOf(information)[name] ?? '')
  const named = (name: string) => modules.filter((module) => module.name === name)
  return {
    key,
    name: attribute(descriptor, 'name'),
    version: toVersion(only(information, 'version').text),
    moduleKeys,
    panels: named('web-panel').map((module) => toPanel(module, reading)),
    sections: named('web-section').map((module) => toSection(module, reading)),
    items: named('web-item').map((module) => toItem(module, reading)),
    resources: named('web-resource').map((module) => toResource(module, reading)),
    indexed: toIndexedValues(named('index-document-configuration')),
  }
}

/** Jira makes an OSGi version of it. */
function toVersion(text: string): string {
  if (!/^\d+\.\d+\.\d+(\.[\w-]+)?$/.test(text)) throw new Error(`"${text}" is no version of OSGi`)
  return text
}

function readAllTexts(files: Reading['files'], descriptor: XmlElement): ReadonlyMap<string, string> {
  const located = descriptor.children.filter(({ name, attributes }) => name === 'resource' && attributes['type'] === 'i18n')
  return new Map(
    located.flatMap((one) => [...readTexts(textOf(files, `${attribute(one, 'location').replaceAll('.', '/')}.properties`))]),
  )
}

function toPanel(module: XmlElement, reading: Reading): WebPanel {
  const location = attribute(module, 'location')
  if (!PANEL_LOCATIONS.includes(location)) throw new Error(`no page has a place ${location}`)
  const view = only(module, 'resource')
  if (attribute(view, 'name') !== 'view' || attribute(view, 'type') !== 'static') throw new Error('the panel has no static view')
  return { ...toPlaced(module, reading), location, content: textOf(reading.files, attribute(view, 'location')) }
}

function toSection(module: XmlElement, reading: Reading): WebSection {
  return { ...toPlaced(module, reading), location: attribute(module, 'location') }
}

function toItem(module: XmlElement, reading: Reading): WebItem {
  const link = only(module, 'link')
  // Jira would run it through its template engine.
  if (/[$#]/.test(link.text)) throw new Error(`the link ${link.text} is a template`)
  const address = link.text.startsWith('/') ? link.text : new URL(link.text).href
  return {
    ...toPlaced(module, reading),
    section: attribute(module, 'section'),
    linkId: attribute(link, 'linkId'),
    link: address,
  }
}

function toResource(module: XmlElement, { key, files }: Reading): WebResource {
  const found = module.children.filter(({ name }) => name === 'resource')
  return {
    completeKey: `${key}:${attribute(module, 'key')}`,
    contexts: module.children.filter(({ name }) => name === 'context').map(({ text }) => text),
    files: found.map((resource) => ({
      name: attribute(resource, 'name'),
      text: textOf(files, attribute(resource, 'location')),
    })),
  }
}

function toIndexedValues(modules: readonly XmlElement[]): IndexedValue[] {
  if (modules.some((module) => attribute(module, 'entity-key') !== 'IssueProperty')) throw new Error('only issues are indexed')
  const values = modules
    .flatMap(({ children }) => children)
    .flatMap((element) =>
      element.children.map((extract) => ({
        property: attribute(element, 'property-key'),
        path: attribute(extract, 'path'),
        type: attribute(extract, 'type') as IndexedValue['type'],
        alias: attribute(extract, 'alias'),
      })),
    )
  const wrong = values.find(({ type }) => !INDEX_TYPES.includes(type))
  if (wrong !== undefined) throw new Error(`nothing is indexed as ${wrong.type}`)
  for (const member of ['path', 'alias'] as const) {
    if (new Set(values.map((value) => value[member].toLowerCase())).size < values.length)
      throw new Error(`two indexed values have the same ${member}`)
  }
  return values
}

function toPlaced(module: XmlElement, { texts }: Reading) {
  const label = attribute(only(module, 'label'), 'key')
  const text = texts.get(label)
  if (text === undefined) throw new Error(`there is no text ${label}`)
  const conditions = module.children
    .filter(({ name }) => name === 'condition')
    .map((condition) => toCondition(attribute(condition, 'class'), parametersOf(condition)))
  const isShown: Condition = (viewer) => conditions.every((condition) => condition(viewer))
  return { key: attribute(module, 'key'), weight: Number(attribute(module, 'weight')), label: text, isShown }
}

function parametersOf({ children }: XmlElement): Record<string, string> {
  const parameters = children.filter(({ name }) => name === 'param')
  return Object.fromEntries(parameters.map((parameter) => [attribute(parameter, 'name'), parameter.text]))
}

function only(element: XmlElement, name: string): XmlElement {
  const [found, ...others] = element.children.filter((child) => child.name === name)
  if (found === undefined || others.length > 0) throw new Error(`<${element.name}> must have one <${name}>`)
  return found
}

function attribute({ name: element, attributes }: XmlElement, name: string): string {
  const value = attributes[name]
  if (value === undefined || value === '') throw new Error(`<${element}> has no ${name}`)
  return value
}

function textOf(files: Reading['files'], name: string): string {
  return strFromU8(bytesOf(files, name))
}

function bytesOf(files: Reading['files'], name: string): Uint8Array {
  const bytes = files[name]
  if (bytes === undefined) throw new Error(`the jar has no file ${name}`)
  return bytes
}
