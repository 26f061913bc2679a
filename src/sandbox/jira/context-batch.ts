import type { InstalledApp } from './app/installed-app.ts'
import { PAGE_CONTEXTS, type PageContext } from './page-frame.ts'

const PATH = /^\/s\/[^/]+\/_\/download\/contextbatch\/(js|css)\/([\w.-]+)\/batch\.(js|css)$/

/** Addresses of the files that Jira joins for a context; none when no app adds any. */
export function batchAddresses(app: InstalledApp | null, context: PageContext) {
  const address = (kind: 'js' | 'css') =>
    app === null || filesOf(app, context, kind).length === 0
      ? []
      : [`/s/${app.version}/_/download/contextbatch/${kind}/${context}/batch.${kind}`]
  return { scripts: address('js'), styles: address('css') }
}

/** The joined file at an address; null: it is none of them. Every script stands in a `try` of its own, as in Jira. */
export function readBatch(app: InstalledApp | null, path: string): { readonly type: string; readonly text: string } | null {
  const [, kind, context] = PATH.exec(path) ?? []
  const known = PAGE_CONTEXTS.find((name) => name === context)
  if (app === null || known === undefined || (kind !== 'js' && kind !== 'css')) return null
  const files = filesOf(app, known, kind)
  const note = ({ completeKey, name }: (typeof files)[number]) => `/* module-key = '${completeKey}', location = '${name}' */\n`
  if (kind === 'css') return { type: 'text/css', text: files.map((file) => `${note(file)}${file.text}\n`).join('') }
  const scripts = files.map((file) => `try {\n${note(file)}${file.text}\n} catch (error) {\n  console.error(error)\n}\n`)
  return { type: 'text/javascript', text: scripts.join('') }
}

function filesOf({ resources }: InstalledApp, context: PageContext, kind: 'js' | 'css') {
  return resources
    .filter(({ contexts }) => contexts.includes(context))
    .flatMap(({ completeKey, files }) => files.map((file) => ({ completeKey, ...file })))
    .filter(({ name }) => name.endsWith(`.${kind}`))
}
