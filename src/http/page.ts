import type { FastifyReply } from 'fastify'

export interface Page {
  readonly status: number
  readonly title: string
  readonly text: string
  /** Where to go on. */
  readonly link?: { readonly href: string; readonly text: string }
}

/** A page for people that says one thing and needs nothing else. */
export async function sendPage(reply: FastifyReply, { status, title, text, link }: Page): Promise<void> {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
${link === undefined ? '' : `<p><a href="${escape(link.href)}">${escape(link.text)}</a></p>\n`}</html>
`
  await reply.code(status).type('text/html; charset=utf-8').send(body)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** A host's answers are far shorter. */
const MAX_QUERY_LENGTH = 4_000

/** Of several values of one name only the first counts, for whoever reads it. */
export function readQuery(address: string): URLSearchParams {
  const query = address.slice(0, MAX_QUERY_LENGTH).split('?')[1] ?? ''
  const first = new URLSearchParams()
  for (const [name, value] of new URLSearchParams(query)) if (!first.has(name)) first.set(name, value)
  return first
}
