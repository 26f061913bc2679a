import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { accountId } from '../../domain/ids.ts'
import { startStory, type Story, type StoryOptions } from '../test-story.ts'
import { receiveWebhook, type WebhookAnswer } from './receive-webhook.ts'
import type { UnverifiedWebhook } from './webhook-verifier.ts'

const STATUS: Readonly<Record<WebhookAnswer, number>> = {
  stored: 202,
  duplicate: 200,
  refused: 401,
  'not-json': 400,
  'unknown-account': 404,
}

export interface ReachableStory extends Story {
  readonly serverUrl: string
  /** What the webhooks so far were answered. */
  readonly answers: WebhookAnswer[]
  /** Answers 500 to everything, as a proxy before a connector that is down. */
  setDown(down: boolean): void
}

/** A story whose connector GitLab can reach. */
export async function startReachableStory({ connector, ...options }: StoryOptions = {}): Promise<ReachableStory> {
  const answers: WebhookAnswer[] = []
  let story: Story | null = null
  let isDown = false
  const server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      if (story === null || isDown) return response.writeHead(500).end()
      const id = accountId(request.url?.split('/').at(-1) ?? '')
      const headers = request.headers as UnverifiedWebhook['headers']
      const answer = await receiveWebhook(story.app, { accountId: id, headers, body })
      answers.push(answer)
      return response.writeHead(STATUS[answer]).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const serverUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  story = await startStory({ ...options, connector: { ...connector, settings: { serverUrl, ...connector?.settings } } })
  const { close } = story
  return {
    ...story,
    serverUrl,
    answers,
    setDown: (down) => {
      isDown = down
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await close()
    },
  }
}
