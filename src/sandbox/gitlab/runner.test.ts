import { afterEach, expect, it } from 'vitest'
import { startTestGitLab, type TestGitLab } from './test-setup.ts'

let test: TestGitLab
afterEach(() => test.dispose())

const start = async (runner: boolean) => {
  test = await startTestGitLab({ runner })
  const head = test.shop.refs.get('refs/heads/main') ?? ''
  await test.gitlab.git(test.shop, ['update-ref', 'refs/heads/topic', head])
  await test.gitlab.noticePush(test.shop, test.maintainer)
  return test.shop.pipelines.map(({ ref, sha, status }) => ({ ref, sha, status, head: sha === head }))
}

it('builds each branch that was pushed, and passes after a moment', async () => {
  expect(await start(true)).toMatchObject([{ ref: 'topic', status: 'running', head: true }])

  await test.gitlab.settle()

  expect(test.shop.pipelines).toMatchObject([{ ref: 'topic', status: 'success' }])
  await test.gitlab.git(test.shop, ['update-ref', '-d', 'refs/heads/topic'])
  await test.gitlab.noticePush(test.shop, test.maintainer)
  expect(test.shop.pipelines).toHaveLength(1)
})

it('builds nothing where there is no runner', async () => {
  expect(await start(false)).toEqual([])
})
