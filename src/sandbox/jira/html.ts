/** Markup that is safe to send: only `html` makes it. */
export class SafeHtml {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type HtmlValue = SafeHtml | string | number | null | readonly HtmlValue[]

/** Template tag: every value is escaped unless it is markup made by this tag. Put attribute values between double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  return new SafeHtml(strings.reduce((text, part, index) => text + toText(values[index - 1] ?? null) + part))
}

/** Markup of our own files, taken as it is. */
export function trustedHtml(text: string): SafeHtml {
  return new SafeHtml(text)
}

function toText(value: HtmlValue): string {
  if (value === null) return ''
  if (value instanceof SafeHtml) return value.text
  if (typeof value === 'string') return escapeHtml(value)
  if (typeof value === 'number') return String(value)
  return value.map(toText).join('')
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
