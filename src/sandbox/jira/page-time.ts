import { html, type SafeHtml } from './html.ts'

/** A moment as pages show it. */
export function time(date: Date): SafeHtml {
  const text = date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return html`<time datetime="${date.toISOString()}">${text}</time>`
}
