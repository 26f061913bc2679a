import { html, type HtmlValue, type SafeHtml } from './html.ts'

/** The app's scripts in the order in which Jira joins them. */
export const PANEL_SCRIPTS: readonly string[] = ['development.js', 'elements.js', 'details.js', 'panel.js']

export interface Frame {
  readonly contextPath: string
  readonly userName: string
  /** Address of the app's files. */
  readonly resources: string
}

/** A whole page: header bar, content, footer. */
export function pageFrame(
  { contextPath, userName, resources }: Frame,
  page: { title: string; content: HtmlValue; head?: HtmlValue },
): SafeHtml {
  return html`<!DOCTYPE html>
    <html lang="en" data-theme="light:light dark:dark" data-color-mode-auto>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="ajs-context-path" content="${contextPath}" />
        ${page.head ?? null}
        <title>${page.title} - Sandbox Jira</title>
        <link rel="icon" href="${contextPath}/favicon.ico" />
        <link rel="stylesheet" href="${contextPath}/s/look.css" />
        <link rel="stylesheet" href="${resources}/panel.css" />
      </head>
      <body id="jira" class="aui-layout aui-theme-default">
        <div id="page">
          <header id="header">
            <nav class="aui-header" aria-label="Site">
              <a id="logo" class="aui-header-logo" href="${contextPath}/">Jira</a>
              <ul class="aui-nav">
                <li><a href="${contextPath}/projects">Projects</a></li>
              </ul>
              <span class="aui-header-user" title="You look at this Jira as ${userName}">${initials(userName)}</span>
            </nav>
          </header>
          <main id="content">${page.content}</main>
          <footer id="footer">
            <p>Sandbox Jira of jira-dvcs: a stand-in for trying things out, not Atlassian's product.</p>
          </footer>
        </div>
        ${PANEL_SCRIPTS.map((name) => html`<script src="${resources}/${name}"></script> `)}
      </body>
    </html>`
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase()
}
