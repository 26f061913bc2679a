import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildJiraApp } from '../../jira/app/build-jira-app.ts'
import { JIRA_APP_KEY } from '../../jira/jira-app-key.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { createSandboxJira, type SandboxJira } from './sandbox-jira.ts'

const USERS = [
  {
    name: 'ada',
    displayName: 'Ada A.',
    emailAddress: 'ada@example.com',
    administrator: true,
    tokens: [{ token: 'ada-token' }],
  },
  { name: 'ann', displayName: 'Ann Lee', emailAddress: 'ann@example.com', tokens: [{ token: 'ann-token' }] },
  { name: 'vera', displayName: 'Vera V.', emailAddress: 'vera@example.com' },
]
const MEMBERS = { administrators: ['ada'], developers: ['ann'], viewers: ['vera'] }

const open: SandboxJira[] = []
let start: (demoUser: string) => Promise<SandboxJira>
beforeEach(() => {
  start = async (demoUser) => {
    const jira = await createSandboxJira({ clock: systemClock, log: silentLogger, users: USERS, demoUser, contextPath: '/jira' })
    open.push(jira)
    jira.world.addProject({ key: 'SHOP', name: 'Web shop', members: MEMBERS })
    jira.world.seedIssues('SHOP', 1)
    return jira
  }
})
afterEach(() => Promise.all(open.splice(0).map((jira) => jira.close())))

function install(jira: SandboxJira): SandboxJira {
  jira.installApp(buildJiraApp({ version: '1.2.3', serverUrl: 'https://dvcs.example.com', hosts: [] }).jar)
  return jira
}

async function get(jira: SandboxJira, path: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(`${jira.url}${path}`, { headers })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

const batchesOf = (text: string) => [...text.matchAll(/(?:src|href)="([^"]*contextbatch[^"]*)"/g)].map(([, address]) => address)

test('without the app an issue has no panel, and nothing is loaded for one', async () => {
  const jira = await start('ann')

  const page = await get(jira, '/browse/SHOP-1')

  expect(page.text).not.toContain('data-jira-dvcs-panel')
  expect(batchesOf(page.text)).toEqual([])
})

test('an issue loads script and style from the jar, at addresses that change with its version', async () => {
  const jira = install(await start('ann'))

  const page = await get(jira, '/browse/SHOP-1')
  const base = '/jira/s/1.2.3/_/download/contextbatch'
  const script = await get(jira, `${base}/js/jira.view.issue/batch.js`.slice('/jira'.length))
  const style = await get(jira, `${base}/css/jira.view.issue/batch.css`.slice('/jira'.length))

  expect(batchesOf(page.text)).toEqual([`${base}/css/jira.view.issue/batch.css`, `${base}/js/jira.view.issue/batch.js`])
  expect([script.status, script.type]).toEqual([200, 'text/javascript;charset=UTF-8'])
  expect(script.text).toMatch(/^try \{\n\/\* module-key = 'io\.github\.jira-dvcs:panel'[^]*\} catch \(error\) \{/)
  expect([style.status, style.type]).toEqual([200, 'text/css;charset=UTF-8'])
  expect(style.text).toContain('.jira-dvcs-panel')
})

test('other pages load nothing of it', async () => {
  const jira = install(await start('ada'))

  for (const path of ['/projects', '/projects/SHOP', '/secure/admin/applications']) {
    expect(batchesOf((await get(jira, path)).text), path).toEqual([])
  }
  expect((await get(jira, '/s/1.2.3/_/download/contextbatch/js/atl.unknown/batch.js')).status).toBe(404)
})

test('the panel is for who has View Development Tools', async () => {
  const shows = async (user: string) => (await get(install(await start(user)), '/browse/SHOP-1')).text

  expect(await shows('ann')).toContain('id="dvcs-development-panel"')
  expect(await shows('vera')).not.toContain('dvcs-development-panel')
})

test('administrators find DVCS accounts in the administration, others do not get there', async () => {
  const administrators = await get(install(await start('ada')), '/secure/admin/applications')
  const others = install(await start('ann'))

  expect(administrators.text).toContain('<h2>DVCS connector</h2>')
  expect(administrators.text).toContain(
    '<a id="jira-dvcs-accounts-link" href="https://dvcs.example.com/accounts">DVCS accounts</a>',
  )
  expect((await get(others, '/secure/admin/applications')).status).toBe(403)
  expect((await get(others, '/projects')).text).not.toContain('Administration')
})

test('without the app the administration has no section of it', async () => {
  const page = await get(await start('ada'), '/secure/admin/applications')

  expect(page.text).toContain('No app adds anything here.')
  expect(page.text).not.toContain('DVCS')
})

test('Jira tells its administrators what is installed', async () => {
  const jira = await start('ada')
  const ask = (token: string) => get(jira, `/rest/plugins/1.0/${JIRA_APP_KEY}-key`, token)

  expect((await ask('ada-token')).status).toBe(404)
  install(jira)
  const told = await ask('ada-token')

  expect((await ask('ann-token')).status).toBe(403)
  expect(told.status).toBe(200)
  expect(JSON.parse(told.text)).toMatchObject({ key: JIRA_APP_KEY, version: '1.2.3', enabled: true, name: 'DVCS connector' })
  expect((JSON.parse(told.text) as { modules: unknown[] }).modules).toContainEqual({
    key: 'dvcs-development-panel',
    completeKey: `${JIRA_APP_KEY}:dvcs-development-panel`,
    enabled: true,
    recognisableType: true,
    broken: false,
  })
})
