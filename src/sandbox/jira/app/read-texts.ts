/**
 * A file of texts (`*.properties`) as a Jira of any age reads it: bytes beyond ASCII are an error, because they mean something else
 * in each.
 *
 * @throws Error
 */
export function readTexts(file: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const line of file.split(/\r?\n/)) {
    if (/^\s*(?:[#!].*)?$/.test(line)) continue
    const [, key, value] = /^([\w.-]+)\s*=\s*([ -~]*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) throw new Error(`no line of a properties file: ${line}`)
    if (texts.has(key)) throw new Error(`the text ${key} is there twice`)
    texts.set(
      key,
      value.replaceAll(/\\u([0-9A-Fa-f]{4})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    )
  }
  return texts
}
