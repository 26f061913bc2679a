import { isUsableRefName } from './ref-name.ts'

const LONGEST_SUMMARY = 60
const LONGEST_NAME = 200

/**
 * The name of a new branch, by a template with the placeholders `${issueKey}` and `${summary}`. The summary becomes a slug:
 * letters, marks and digits of every script in lower case, all else one hyphen, at most 60 characters, cut between words
 * where that is possible. Without a summary its place is closed up. Always a name that Git takes.
 *
 * @param issue `summary`: null where it is not known
 */
export function toBranchName(
  template: string,
  { issueKey, summary }: { readonly issueKey: string; readonly summary: string | null },
): string {
  const slug = toSlug(summary ?? '')
  const filled = template.replaceAll('${issueKey}', () => issueKey).replaceAll('${summary}', () => slug)
  const name = filled
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cs}\s~^:?*[\]\\@{}]+/gu, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/-{2,}/g, '-')
    .replaceAll(/\/{2,}/g, '/')
    .split('/')
    .map((part) => part.replaceAll(/^[.\-_]+|[.\-_]+$/g, '').replace(/\.lock$/i, ''))
    .filter((part) => part !== '')
    .join('/')
  const cut = Array.from(name)
    .slice(0, LONGEST_NAME)
    .join('')
    .replaceAll(/[.\-_/]+$/g, '')
  return isUsableRefName(`refs/heads/${cut}`) && cut !== '' ? cut : issueKey
}

function toSlug(summary: string): string {
  const words =
    summary
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const slug = words.join('-')
  const characters = Array.from(slug)
  if (characters.length <= LONGEST_SUMMARY) return slug
  const cut = characters.slice(0, LONGEST_SUMMARY + 1).join('')
  const end = cut.lastIndexOf('-')
  return end > 0 ? cut.slice(0, end) : characters.slice(0, LONGEST_SUMMARY).join('')
}
