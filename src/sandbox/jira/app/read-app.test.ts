import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { buildJiraApp } from '../../../jira/app/build-jira-app.ts'
import { readApp } from './read-app.ts'

const { jar } = buildJiraApp({ version: '1.2.3', serverUrl: 'https://dvcs.example.com', hosts: [] })

/** The jar with one file changed. */
function changed(name: string, change: (text: string) => string): Uint8Array {
  const files = unzipSync(jar)
  const before = strFromU8(files[name] ?? new Uint8Array())
  const after = change(before)
  expect(after).not.toBe(before)
  return zipSync({ ...files, [name]: strToU8(after) })
}

const descriptor = (from: string | RegExp, to: string) => changed('atlassian-plugin.xml', (text) => text.replace(from, to))

test.each([
  ['is not well-formed', descriptor('</plugin-info>', ''), 'closes'],
  ['has no key', descriptor(' key="io.github.jira-dvcs"', ''), 'has no key'],
  ['is of version 1', descriptor('plugins-version="2"', 'plugins-version="1"'), 'none of version 2'],
  ['has a version that is none for OSGi', descriptor('>1.2.3<', '>1.2.3-rc.1<'), 'no version of OSGi'],
  ['names a class of its own', descriptor(/class="[^"]+HasIssue/, 'class="io.github.jira_dvcs.HasIssue'), 'Could not load'],
  ['names an unknown permission', descriptor('>viewversioncontrol<', '>viewdevtools<'), 'Could not determine permission type'],
  ['puts the panel nowhere', descriptor('right.context', 'middle.context'), 'no page has a place'],
  ['names a file that is not there', descriptor('js/panel.js', 'js/panels.js'), 'no file js/panels.js'],
  ['names a text that is not there', descriptor('jira-dvcs.panel.title', 'jira-dvcs.panel.name'), 'no text jira-dvcs.panel.name'],
  ['has a key twice', descriptor('key="jira-dvcs-index"', 'key="panel"'), 'same key'],
  ['has an alias twice', descriptor('alias="dvcsBranches"', 'alias="dvcsCommits"'), 'same alias'],
  ['indexes as what nobody knows', descriptor('type="date"', 'type="time"'), 'indexed as time'],
  ['has a template for a link', descriptor('https://dvcs.example.com/', 'https://dvcs.example.com/$user/'), 'template'],
  [
    'has a module that needs Java',
    descriptor('<web-resource key="panel">', '<servlet key="x"/><web-resource key="panel">'),
    'servlet',
  ],
])('refuses an app whose descriptor %s', (_name, broken, why) => {
  expect(() => readApp(broken)).toThrow(why)
})

test.each([
  ['that is no zip', strToU8('not a zip'), /invalid zip/],
  ['without a descriptor', zipSync({ 'META-INF/MANIFEST.MF': strToU8('Manifest-Version: 1.0\n') }), /atlassian-plugin\.xml/],
  [
    'whose manifest keeps it from being transformed',
    changed('META-INF/MANIFEST.MF', (text) => text.replace('\r\n\r\n', '\r\nAtlassian-Plugin-Key: x\r\n')),
    /not transformed/,
  ],
  [
    'with texts beyond ASCII',
    changed('i18n/dvcs.properties', (text) => text.replace('Development', 'Entwicklung – hier')),
    /properties/,
  ],
])('refuses a jar %s', (_name, broken, why) => {
  expect(() => readApp(broken)).toThrow(why)
})
