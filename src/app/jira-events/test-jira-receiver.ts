import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import type { AppContext } from '../app-context.ts'
import { receiveJiraWebhook, type JiraWebhookAnswer } from './receive-jira-webhook.ts'

/** Where the stand-in Jira sends its webhooks in tests: the use case behind a server, without the HTTP interface. */
export interface TestJiraReceiver {
  readonly serverUrl: string
  readonly answers: JiraWebhookAnswer[]
  /** Set before anything is sent. */
  app: AppContext | null
  close(): void
}

const STATUS: Readonly<Record<JiraWebhookAnswer, number>> = {
  stored: 202,
  'nothing-new': 200,
  refused: 401,
  'not-json': 400,
  'not-connected': 404,
}

export async function startJiraReceiver(): Promise<TestJiraReceiver> {
  const answers: JiraWebhookAnswer[] = []
  const server: Server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      if (receiver.app === null) return response.writeHead(503).end()
      const signature = request.headers['x-hub-signature']
      const secret = /^\/webhooks\/jira\/(.+)$/.exec(request.url ?? '')?.[1]
      const pathSecret = secret === undefined ? null : decodeURIComponent(secret)
      const proof = { signature: typeof signature === 'string' ? signature : undefined, pathSecret }
      const answer = await receiveJiraWebhook(receiver.app, { proof, body })
      answers.push(answer)
      return response.writeHead(STATUS[answer]).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const receiver: TestJiraReceiver = {
    serverUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    answers,
    app: null,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}
