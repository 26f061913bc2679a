import { expect, it } from 'vitest'
import { launchTestBrowser } from './browser.ts'

it.each([
  ['on this machine, or from the package', undefined],
  ['from the package when the machine has none', [] as string[]],
])('finds a browser %s', async (_name, places) => {
  const browser = await launchTestBrowser(places === undefined ? {} : { environment: {}, places })
  try {
    const page = await browser.newPage()
    await page.setContent('<h1>Hello</h1>')
    expect(await page.getByRole('heading').textContent()).toBe('Hello')
  } finally {
    await browser.close()
  }
})
