import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ProblemDocument } from '../contract/problem.ts'

/** Node's code of what a client sent, and the status that goes with it; everything else is 400. */
const STATUSES: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }

/** Answers what is no HTTP request, or came too slowly, on the bare connection. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = STATUSES[error.code ?? ''] ?? 400
  const title = STATUS_CODES[status] ?? 'Bad Request'
  // No request, no id.
  const problem: Omit<ProblemDocument, 'requestId'> = {
    type: 'about:blank',
    title,
    status,
    detail: status === 408 ? 'The request did not arrive in time.' : 'This is no HTTP request.',
    code: status === 408 ? 'request-too-slow' : 'request-invalid',
    remedy: null,
  }
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
