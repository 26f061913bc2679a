import { STATUS_CODES } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { InvalidTrigger } from '../app/triggers/invalid-trigger.ts'
import type { InvalidField, ProblemDocument } from '../contract/problem.ts'
import { toProblem } from '../domain/problem.ts'
import { ConnectorError, isConnectorError } from '../lib/connector-error.ts'
import { statusOf } from './problem-status.ts'

/** `request-invalid` with the fields that are wrong. */
export class InvalidRequest extends ConnectorError {
  readonly fields: readonly InvalidField[]

  constructor(fields: readonly InvalidField[]) {
    const named = fields.map(({ in: place, field, message }) => `${field === '' ? place : `"${field}" (${place})`}: ${message}`)
    super('request-invalid', {
      userMessage: `The request is not valid. ${named.join('; ')}.`,
      remedy: 'Correct it; /api/openapi.json describes it.',
    })
    this.fields = fields
  }
}

/** Parts that are not ready, with `not-ready`. */
export class NotReady extends ConnectorError {
  readonly parts: NonNullable<ProblemDocument['parts']>

  constructor(parts: NonNullable<ProblemDocument['parts']>) {
    const failed = Object.keys(parts).filter((part) => parts[part] === 'failed')
    super('not-ready', {
      userMessage: `Not ready: ${failed.join(', ')}.`,
      remedy: 'See the log of the connector.',
      retryable: true,
    })
    this.parts = parts
  }
}

/** The answer to a failed request, RFC 9457. What is unexpected shows nothing of itself: the log has it under the request's id. */
export function toProblemDocument(error: unknown, requestId: string): ProblemDocument {
  const { code, message, remedy } = toProblem(error)
  const status = statusOf(code)
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    code,
    remedy,
    requestId,
    ...toErrors(error),
    ...(error instanceof NotReady ? { parts: error.parts } : {}),
  }
}

function toErrors(error: unknown): Pick<ProblemDocument, 'errors'> {
  if (error instanceof InvalidRequest) return { errors: error.fields }
  if (error instanceof InvalidTrigger) return { errors: [{ in: 'body', field: error.field, message: error.reason }] }
  return {}
}

/** Fastify's and the schemas' own errors as ours; anything else as it is. */
export function toConnectorError(error: unknown, request: Pick<FastifyRequest, 'method'>): unknown {
  if (isConnectorError(error)) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place = PLACES[error.validationContext ?? ''] ?? 'body'
    return new InvalidRequest(
      error.validation.map(({ instancePath, message }) => ({
        in: place,
        field: instancePath.slice(1).replaceAll('/', '.'),
        message: message ?? 'is not valid',
      })),
    )
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const fromFramework = FRAMEWORK_ERRORS[code]
  if (fromFramework !== undefined) return fromFramework(request)
  // Only Fastify's reading of bodies gives statuses: a body that was cut off, or JSON that is none.
  return isBadRequest(error) ? new InvalidRequest([{ in: 'body', field: '', message: 'could not be read' }]) : error
}

function isBadRequest(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 400
}

/** For addresses that lead nowhere. */
export function toRouteNotFound({ method }: Pick<FastifyRequest, 'method'>): ConnectorError {
  return new ConnectorError('route-not-found', {
    userMessage: `There is nothing at this address for ${method}.`,
    remedy: 'See /api/openapi.json for what there is.',
  })
}

const PLACES: Readonly<Record<string, InvalidField['in']>> = {
  params: 'path',
  querystring: 'query',
  headers: 'header',
  body: 'body',
}

const invalid = (place: InvalidField['in'], message: string) => () => new InvalidRequest([{ in: place, field: '', message }])

/** Errors that a request can cause inside Fastify, by their code. */
const FRAMEWORK_ERRORS: Readonly<Record<string, (request: Pick<FastifyRequest, 'method'>) => ConnectorError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new ConnectorError('body-too-large', { userMessage: 'The body of the request is too large.' }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ method }) =>
    new ConnectorError('media-type-unsupported', {
      userMessage: `The body of this ${method} has a content type that is not read here.`,
      remedy: 'Send "Content-Type: application/json".',
    }),
  FST_ERR_CTP_INVALID_JSON_BODY: invalid('body', 'is not JSON'),
  FST_ERR_CTP_EMPTY_JSON_BODY: invalid('body', 'is empty'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: invalid('body', 'is not as long as Content-Length says'),
  FST_ERR_BAD_URL: invalid('path', 'is not a valid address'),
  FST_ERR_MAX_PARAM_LENGTH: toRouteNotFound,
}
