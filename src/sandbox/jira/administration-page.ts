import type { InstalledApp, Viewer, WebItem } from './app/installed-app.ts'
import { html, type SafeHtml } from './html.ts'
import { type Frame, pageFrame } from './page-frame.ts'

/** The tab of the administration that apps of Atlassian's products add to. */
const TAB = 'admin_applications_section'

/** Administration > Applications, with the sections of apps; a section shows only when it has an item. */
export function administrationPage({ frame, app, viewer }: { frame: Frame; app: InstalledApp | null; viewer: Viewer }): SafeHtml {
  const byWeight = (a: { weight: number }, b: { weight: number }) => a.weight - b.weight
  const items = (app?.items ?? []).filter(({ isShown }) => isShown(viewer))
  const sections = (app?.sections ?? [])
    .filter(({ location, isShown }) => location === TAB && isShown(viewer))
    .map(({ key, label, weight }) => ({
      label,
      weight,
      items: items.filter(({ section }) => section === `${TAB}/${key}`).toSorted(byWeight),
    }))
    .filter((section) => section.items.length > 0)
    .toSorted(byWeight)
  const content = html`<div class="list-page">
    <h1>Administration</h1>
    <nav aria-label="Applications">
      ${sections.map(
        ({ label, items: shown }) =>
          html`<h2>${label}</h2>
            <ul>
              ${shown.map((item) => html`<li>${toLink(frame, item)}</li>`)}
            </ul>`,
      )}
    </nav>
    ${sections.length === 0 ? html`<p class="subtle">No app adds anything here.</p>` : null}
  </div>`
  return pageFrame(frame, { title: 'Administration', content, context: 'atl.admin' })
}

function toLink({ contextPath }: Frame, { linkId, link, label }: WebItem): SafeHtml {
  return html`<a id="${linkId}" href="${link.startsWith('/') ? `${contextPath}${link}` : link}">${label}</a>`
}
