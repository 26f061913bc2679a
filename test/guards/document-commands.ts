/** A document's path and its text. */
export interface NamedText {
  readonly file: string
  readonly text: string
}

/** Up to the end of the code: what follows the name are arguments, of which only options are checked. */
const COMMAND = /jira-dvcs ([a-z][a-z-]*)([^`\n|#]*)/g
const SCRIPT = /npm run ([a-z][\w:-]*)/g
const ADDRESS = /\b(?:GET|POST|PUT|PATCH|DELETE) \/(?:api|rest)\/[^\s`?)|,;]+/g

/** What a text names, and what of it does not exist, as `file: name`. */
export interface Found {
  readonly named: number
  readonly missing: readonly string[]
}

/** Commands of `jira-dvcs` with their options; `commands` maps each name to the options that it takes. */
export function findMissingCommands(texts: readonly NamedText[], commands: ReadonlyMap<string, readonly string[]>): Found {
  return find(texts, COMMAND, ([, name = '', rest = '']) => {
    const known = commands.get(name)
    if (known === undefined) return [name]
    const options = [...rest.matchAll(/--[a-z-]+/g)].map(([option]) => option)
    return options.filter((option) => !known.includes(option)).map((option) => `${name} ${option}`)
  })
}

export function findMissingScripts(texts: readonly NamedText[], scripts: Readonly<Record<string, string>>): Found {
  return find(texts, SCRIPT, ([, name = '']) => (name in scripts ? [] : [name]))
}

/** Addresses such as `GET /api/v1/accounts/{id}`; `paths` is that part of an OpenAPI document. */
export function findMissingAddresses(
  texts: readonly NamedText[],
  paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Found {
  const served = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)),
  )
  return find(texts, ADDRESS, ([match]) => {
    const address = match.replace(/\.$/, '')
    return served.some((pattern) => pattern.test(address)) ? [] : [address]
  })
}

function find(texts: readonly NamedText[], pattern: RegExp, missing: (match: RegExpExecArray) => readonly string[]): Found {
  const matches = texts.flatMap(({ file, text }) => [...text.matchAll(pattern)].map((match) => ({ file, match })))
  return {
    named: matches.length,
    missing: matches.flatMap(({ file, match }) => missing(match).map((name) => `${file}: ${name}`)),
  }
}
