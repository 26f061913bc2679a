import type { IncomingMessage } from 'node:http'
import { Refusal } from './answer.ts'

const MAX_BYTES = 1024 * 1024

/** The parameters of a body, JSON or form; empty without a body. */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Refusal({ status: 413, json: { error: 'Request Entity Too Large' } })
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') return {}
  if (request.headers['content-type']?.startsWith('application/json') !== true)
    return Object.fromEntries(new URLSearchParams(text))
  return parseJson(text)
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new Refusal({ status: 400, json: { error: 'invalid request body' } })
}
