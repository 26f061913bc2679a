/** A file of texts as every version of Jira reads it: ISO-8859-1, everything beyond ASCII as `\uXXXX`. */
export function toPropertiesText(text: string): string {
  return text.replaceAll(/[^\n\r\t -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`)
}
