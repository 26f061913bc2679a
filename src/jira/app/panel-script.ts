/** The panel's scripts in the order in which they need each other. */
export const SCRIPT_PARTS: readonly string[] = ['addresses.js', 'development.js', 'elements.js', 'details.js', 'panel.js']

/**
 * One classic script out of the parts. Jira joins the scripts of all apps into one file: the first semicolon ends whatever
 * stands before, the function keeps every name but `jiraDvcs` to itself.
 *
 * @param parts Their texts, in the order of `SCRIPT_PARTS`.
 */
export function joinPanelScript(parts: readonly string[]): string {
  return `;(function () {\n'use strict'\n\n${parts.map((part) => `${part.trim()}\n`).join('\n')}})();\n`
}
