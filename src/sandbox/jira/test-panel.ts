import type { Browser, Locator, Page } from 'playwright-core'
import { buildJiraApp } from '../../jira/app/build-jira-app.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from './sandbox-jira.ts'

/** A Jira that has the app, and a tab of a browser in it. */
export interface TestPanel {
  readonly jira: SandboxJira
  readonly page: Page
  /** What went wrong in the page; answers of 404 are none. */
  readonly problems: string[]
  give(key: string, value: unknown): void
  open(key: string): Promise<void>
  /** As a person who returns to the tab: the panel looks at once, but not twice within a second. */
  comeBack(): Promise<void>
  panel(): Locator
  /** Where the links inside lead. */
  linksIn(place: Locator): Promise<(string | null)[]>
  close(): Promise<void>
}

export interface TestPanelOptions {
  /** Public address of the connector; default: https://dvcs.example.com */
  readonly serverUrl?: string
  /** Default: https://gitlab.example.com */
  readonly hosts?: readonly string[]
}

export async function startTestPanel(browser: Browser, options: TestPanelOptions = {}): Promise<TestPanel> {
  const { serverUrl = 'https://dvcs.example.com', hosts = ['https://gitlab.example.com'] } = options
  const users = [{ name: 'ann', displayName: 'Ann Lee', emailAddress: 'ann@example.com', tokens: [{ token: 't' }] }]
  const jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users, contextPath: '/jira' })
  jira.installApp(buildJiraApp({ version: '1.2.3', serverUrl, hosts }).jar)
  jira.world.addProject({ key: 'SHOP', name: 'Web shop' })
  jira.world.seedIssues('SHOP', 3)
  const page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404')) problems.push(message.text())
  })
  return {
    jira,
    page,
    problems,
    give: (key, value) => void jira.world.findIssue(key)?.properties.set('dvcs-development', value),
    async open(key) {
      await page.goto(`${jira.url}/browse/${key}`)
    },
    async comeBack() {
      await page.waitForTimeout(1100)
      await page.evaluate("window.dispatchEvent(new Event('focus'))")
    },
    panel: () => page.locator('#dvcs-development-panel'),
    linksIn: async (place) => Promise.all((await place.locator('a').all()).map((one) => one.getAttribute('href'))),
    async close() {
      await page.close()
      await jira.close()
    },
  }
}

/** The issue property as the connector writes it; of any address. */
export function developmentValue(changes: { commits?: number; message?: string; url?: string; truncated?: boolean } = {}) {
  const {
    commits = 2,
    message = 'SHOP-1 fix the total',
    url = 'https://gitlab.example.com/acme/shop',
    truncated = false,
  } = changes
  return {
    issue: 'SHOP-1',
    asOf: new Date().toISOString(),
    panelUrl: 'https://dvcs.example.com/issues/SHOP-1',
    summary: {
      branches: 1,
      commits,
      pullRequests: { open: 1, merged: 0, declined: 0 },
      builds: { successful: 1, failed: 0, inProgress: 0 },
      deployments: { environments: ['staging'] },
      lastActivity: null,
    },
    ...(truncated ? { truncated } : {}),
    repositories: [
      {
        name: 'acme/shop',
        url,
        host: 'gitlab',
        branches: [{ name: 'SHOP-1-total', url, head: 'a', createPullRequestUrl: null }],
        commits: [
          {
            id: 'abc',
            displayId: 'abc1234',
            message,
            author: { name: 'Ann' },
            authoredAt: new Date(Date.now() - 5 * 60_000).toISOString(),
            merge: false,
            url,
          },
        ],
        pullRequests: [
          {
            id: '12',
            title: 'Total',
            status: 'OPEN',
            sourceBranch: 'SHOP-1-total',
            targetBranch: 'main',
            url,
            author: { name: 'Ann' },
            reviewers: [],
          },
        ],
        builds: [],
        deployments: [],
      },
    ],
  }
}
