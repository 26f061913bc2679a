import type { TestAnswer, TestHttpApp } from './test-http-app.ts'
import { sessionSchema, type SessionJson } from '../contract/session.ts'
import { makeSetupLink } from '../app/identity/set-up.ts'

export const ADA = { name: 'ada', displayName: 'Ada Admin', password: 'correct horse battery' } as const

/** A browser with one cookie jar, on a page of ours: it keeps what it is given and sends the session's token with every change. */
export interface TestBrowser {
  /** `name=value` as it goes out; null: none. */
  cookie: string | null
  csrfToken: string | null
  send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, more?: BrowserRequest): Promise<TestAnswer>
  signIn(name: string, password: string): Promise<TestAnswer>
  session(): Promise<SessionJson>
}

export interface BrowserRequest {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly from?: string
}

export function openBrowser(t: Pick<TestHttpApp, 'send'>): TestBrowser {
  const browser: TestBrowser = {
    cookie: null,
    csrfToken: null,
    async send(method, url, { headers = {}, ...more } = {}) {
      const own = {
        ...(browser.cookie === null ? {} : { cookie: browser.cookie }),
        ...(browser.csrfToken === null || method === 'GET' ? {} : { 'x-csrf-token': browser.csrfToken }),
      }
      const answer = await t.send(method, url, { authorization: null, headers: { ...own, ...headers }, ...more })
      keep(browser, answer)
      return answer
    },
    signIn: (name, password) => browser.send('POST', '/api/v1/session', { body: { name, password } }),
    session: async () => sessionSchema.parse((await browser.send('GET', '/api/v1/session')).json()),
  }
  return browser
}

function keep(browser: TestBrowser, answer: TestAnswer): void {
  const header = answer.headers['set-cookie']
  if (typeof header === 'string') {
    const [pair = ''] = header.split(';')
    browser.cookie = pair.endsWith('=') ? null : pair
  }
  if (answer.status >= 300 || !answer.text.includes('"csrfToken"')) return
  browser.csrfToken = answer.json<SessionJson>().csrfToken
}

/** The code of a new set-up link. */
export async function makeSetupCode(t: TestHttpApp): Promise<string> {
  const link = await makeSetupLink(t.app)
  return link?.split('#')[1] ?? ''
}

/** A browser in which the first administrator, Ada, is signed in. */
export async function setUpAda(t: TestHttpApp): Promise<TestBrowser> {
  const browser = openBrowser(t)
  const answer = await browser.send('POST', '/api/v1/setup', { body: { code: await makeSetupCode(t), ...ADA } })
  if (answer.status !== 201) throw new Error(`the set-up failed: ${answer.text}`)
  return browser
}
