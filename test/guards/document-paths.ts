import { globSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Folders whose contents documents talk about; `dist/` and `data/` are made later and are not checked. */
const PATH =
  /^(?:(?:src|web|test|tools|docs|bench|e2e|jira-app|\.ci)(?:\/[\w.*@-]+)*\/?|[\w.-]+\.(?:md|json|mjs|cjs)|\.[a-z]+rc(?:\.json)?)$/

/**
 * Paths that a Markdown text names and that are not there: in backticks from the repository's root (`*` stands for
 * anything), in links from the document's folder. `file` is the document's path within `root`.
 */
export function findMissingPaths(text: string, file: string, root: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, '')
  const named = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '').filter((name) => PATH.test(name))
  const linked = [...prose.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
  const paths = [...named, ...linked.map((target) => relative(root, join(root, dirname(file), target)))]
  return [...new Set(paths)]
    .filter((path) => globSync(path.replace(/\/$/, ''), { cwd: root }).length === 0)
    .map((path) => `${file}: ${path}`)
}
