import { html, type HtmlValue, type SafeHtml } from './html.ts'

export interface Frame {
  readonly contextPath: string
  readonly userName: string
  readonly isAdministrator: boolean
  /** Addresses of what apps add to the pages of a context. */
  resourcesOf(context: PageContext): { readonly scripts: readonly string[]; readonly styles: readonly string[] }
}

/** Kinds of pages, by the names that apps know them by. */
export const PAGE_CONTEXTS = ['jira.view.issue', 'atl.general', 'atl.admin'] as const
export type PageContext = (typeof PAGE_CONTEXTS)[number]

/** A whole page: header bar, content, footer. */
export function pageFrame(
  { contextPath, userName, isAdministrator, resourcesOf }: Frame,
  page: { title: string; content: HtmlValue; head?: HtmlValue; context?: PageContext },
): SafeHtml {
  const { scripts, styles } = resourcesOf(page.context ?? 'atl.general')
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
        ${styles.map((address) => html`<link rel="stylesheet" href="${address}" />`)}
      </head>
      <body id="jira" class="aui-layout aui-theme-default">
        <div id="page">
          <header id="header">
            <nav class="aui-header" aria-label="Site">
              <a id="logo" class="aui-header-logo" href="${contextPath}/">Jira</a>
              <ul class="aui-nav">
                <li><a href="${contextPath}/projects">Projects</a></li>
                ${isAdministrator ? html`<li><a href="${contextPath}/secure/admin/applications">Administration</a></li>` : null}
              </ul>
              <span class="aui-header-user" title="You look at this Jira as ${userName}">${initials(userName)}</span>
            </nav>
          </header>
          <main id="content">${page.content}</main>
          <footer id="footer">
            <p>Sandbox Jira of jira-dvcs: a stand-in for trying things out, not Atlassian's product.</p>
          </footer>
        </div>
        ${scripts.map((address) => html`<script src="${address}"></script>`)}
      </body>
    </html>`
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase()
}
