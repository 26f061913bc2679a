import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findMissingPaths } from './document-paths.ts'
import { repositoryRoot } from './planted-project.ts'

const DOCUMENTS = globSync(['*.md', 'docs/**/*.md'], { cwd: repositoryRoot })

test('the documents were found', () => {
  expect(DOCUMENTS).toContain('CONTRIBUTING.md')
})

test.each(DOCUMENTS)('%s names only files that exist', async (file) => {
  const text = await readFile(join(repositoryRoot, file), 'utf8')

  expect(findMissingPaths(text, file, repositoryRoot)).toEqual([])
})

test('a path that is gone is found, in backticks and in links, and an address or a command is not taken for one', () => {
  const text = `See \`src/gone.ts\`, \`test/guards/*.ts\`, \`src/gone/*.ts\`, \`npm test\`, \`a/b\`, \`tools/\`, \`gone.json\`,
[here](../gone.md), [there](../CONTRIBUTING.md#commands), [outside](https://example.com/gone.md).
\`\`\`
\`src/not-prose.ts\`
\`\`\`
`

  expect(findMissingPaths(text, 'docs/page.md', repositoryRoot)).toEqual([
    'docs/page.md: src/gone.ts',
    'docs/page.md: src/gone/*.ts',
    'docs/page.md: gone.json',
    'docs/page.md: gone.md',
  ])
})
