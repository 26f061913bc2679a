import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomBytes } from 'node:crypto'
import { HOUR_MS } from '../test-clock.ts'
import { startStory, type Story } from '../test-story.ts'

let story: Story
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-dvcs-full-'))
})
afterEach(async () => {
  await story.close()
  await rm(folder, { recursive: true, force: true })
})

/** Commits whose packed messages take some room, `SHOP-1 n …`. */
const messages = (count: number, prefix = 'SHOP-1') =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index} ${randomBytes(300).toString('hex')}`)

/** Git for which no file may grow beyond 8 KiB while `full` exists: as root, too, and on any disk. */
async function createTightGit() {
  const [binary, full] = [join(folder, 'git'), join(folder, 'full')]
  const text = `#!/bin/sh\nif [ -e '${full}' ]; then trap '' XFSZ; ulimit -f 16; fi\nexec git "$@"\n`
  await writeFile(binary, text)
  await chmod(binary, 0o755)
  return { binary, fill: () => writeFile(full, ''), free: () => rm(full) }
}

test(
  'no room for the mirror: nothing is lost, the problem says so, and it goes on once there is',
  { timeout: 60_000 },
  async () => {
    const git = await createTightGit()
    story = await startStory({ connector: { git } })
    const shop = await story.project('shop', messages(60))

    await git.fill()
    await story.sweep()

    const first = await story.stored(shop)
    expect(first.sync).toMatchObject({ state: 'retrying', error: { code: 'disk-full' } })
    expect(first.sync.error?.remedy).toMatch(/Free space/)
    await git.free()
    story.clock.advance(HOUR_MS)
    await story.settle()
    expect((await story.stored(shop)).sync).toMatchObject({ state: 'idle', error: null })
    expect(await story.commits(shop)).toHaveLength(60)

    await story.push(shop, 'SHOP-2-more', messages(60, 'SHOP-2'))
    await git.fill()
    expect((await story.sync(shop)).sync).toMatchObject({ state: 'retrying', error: { code: 'disk-full' } })
    expect(await story.commits(shop)).toHaveLength(60)
    await git.free()
    story.clock.advance(HOUR_MS)
    await story.settle()
    expect(await story.commits(shop)).toHaveLength(120)
    expect(story.shown('SHOP-2')?.commits).not.toHaveLength(0)
  },
)
