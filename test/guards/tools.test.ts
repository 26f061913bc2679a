import { expect, test } from 'vitest'
import { plantProject } from './planted-project.ts'

const FORMAT = 'node_modules/oxfmt/bin/oxfmt'
const TYPES = 'node_modules/typescript/bin/tsc'
const UNUSED = 'node_modules/knip/bin/knip.js'

const TIDY = {
  'src/main.ts': `import { greeting } from './greeting.ts'\n\nconsole.log(greeting)\n`,
  'src/greeting.ts': `export const greeting = 'hello'\n`,
}
const BROWSER = { 'web/main.ts': 'document.title = `Accounts`\n' }

test('format names the file that is not formatted', async () => {
  await using project = await plantProject({ ...TIDY, 'src/untidy.ts': 'export const a = "b";' })

  const { code, output } = await project.run(FORMAT, '--check', 'src')

  expect(code).toBe(1)
  expect(output).toContain('src/untidy.ts')
  expect(output).not.toContain('src/main.ts')
})

test('types name the error in both TypeScript projects', async () => {
  await using project = await plantProject({
    ...TIDY,
    ...BROWSER,
    'src/wrong.ts': `export const first: string = ['a'][0]\nexport enum Colour {\n  red,\n}\n`,
    'web/wrong.ts': `export const path: number = document.title\n`,
  })

  const node = await project.run(TYPES, '-p', '.')
  const browser = await project.run(TYPES, '-p', 'web')

  expect(node.code).not.toBe(0)
  expect(node.output).toContain('src/wrong.ts(1,14): error TS2322')
  expect(node.output).toContain('src/wrong.ts(2,13): error TS1294')
  expect(browser.code).not.toBe(0)
  expect(browser.output).toContain('web/wrong.ts(1,14): error TS2322')
})

test('unused code names the file, the export and the dependency that nobody uses', async () => {
  await using project = await plantProject({
    ...TIDY,
    'src/alone.ts': 'export const nobody = 1\n',
    'src/greeting.ts': `export const greeting = 'hello'\nexport const farewell = 'bye'\n`,
  })

  const { code, output } = await project.run(UNUSED, '--no-progress')

  expect(code).toBe(1)
  expect(output).toMatch(/Unused files[^]*src\/alone\.ts/)
  expect(output).toMatch(/Unused exports[^]*farewell/)
  expect(output).toMatch(/Unused dependencies[^]*better-sqlite3/)
})

test('format, types and unused code let tidy files through', async () => {
  await using project = await plantProject(TIDY)
  await using browser = await plantProject(BROWSER)

  expect(await project.run(FORMAT, '--check', 'src')).toMatchObject({ code: 0 })
  expect(await project.run(TYPES, '-p', '.')).toEqual({ code: 0, output: '' })
  expect(await project.run(UNUSED, '--no-progress', '--include', 'files,exports')).toMatchObject({ code: 0 })
  expect(await browser.run(TYPES, '-p', 'web')).toEqual({ code: 0, output: '' })
})
