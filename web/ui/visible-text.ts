/**
 * Characters that nobody sees and that make a text look like another one: overrides and marks of direction, zero-width
 * spaces, controls. The joiners U+200C and U+200D stay: Persian and emoji need them.
 */
// oxlint-disable-next-line no-control-regex -- controls are what is looked for
const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** The text with such characters spelled out, such as `[U+202E]`. */
export function toVisibleText(text: string): string {
  return text.replace(DECEPTIVE, (character) =>
    character === '\r' ? '' : `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  )
}
