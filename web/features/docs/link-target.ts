export type LinkTarget =
  | { readonly kind: 'document'; readonly name: string; readonly hash: string }
  | { readonly kind: 'external'; readonly url: string }
  | { readonly kind: 'text' }

/** Where a link of a document leads inside the web interface; files of the repository that it does not show are text. */
export function toTarget(href: string): LinkTarget {
  if (/^https?:\/\//.test(href)) return { kind: 'external', url: href }
  const document = /^([a-z0-9-]+)\.md(?:#(.*))?$/.exec(href)
  if (document !== null) return { kind: 'document', name: document[1] ?? '', hash: document[2] ?? '' }
  return { kind: 'text' }
}
