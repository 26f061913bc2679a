type Schema = Readonly<Record<string, unknown>>
type Schemas = Readonly<Record<string, Schema>>

/** Names whose type GitLab's OpenAPI document gets wrong: numbers, booleans, days, arrays and objects written as text or time. */
const MISTYPED = [
  'parent_id',
  'expires_at',
  'marked_for_deletion_at',
  'kas',
  'last_used_ips',
  'scopes',
  'approvals_before_merge',
  'position',
  'project',
  'followers',
  'following',
]
/** Deepest nesting that is looked at; the document refers to itself. */
const MAX_DEPTH = 4

/**
 * A JSON schema of an OpenAPI entity, as lenient as that document needs: nothing is required, everything may be null, and
 * an entity may stand for a list of it.
 */
export function lenient(schema: Schema, schemas: Schemas, depth = 0): Record<string, unknown> {
  const resolved = resolve(schema, schemas)
  if (depth > MAX_DEPTH) return {}
  const { type, properties, items, format } = resolved
  if (isObject(properties)) {
    const entries = Object.entries(properties).filter(([name]) => !MISTYPED.includes(name))
    const object = {
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, value]) => [name, lenient(asSchema(value), schemas, depth + 1)])),
    }
    return { anyOf: [{ type: 'null' }, object, { type: 'array', items: object }] }
  }
  if (type === 'array') return { type: ['array', 'null'], items: isObject(items) ? lenient(items, schemas, depth + 1) : {} }
  if (typeof type !== 'string' || type === 'object') return {}
  return { type: [type, 'null'], ...(format === 'date-time' && type === 'string' ? { format } : {}) }
}

/** Names at the top of a value that the entity does not have. */
export function unknownNames(value: unknown, schema: Schema, schemas: Schemas): string[] {
  const { properties } = resolve(schema, schemas)
  if (!isObject(value) || !isObject(properties)) return []
  return Object.keys(value).filter((name) => !(name in properties))
}

function resolve(schema: Schema, schemas: Schemas): Schema {
  const reference = schema['$ref']
  const name = typeof reference === 'string' ? reference.split('/').at(-1) : undefined
  return name === undefined ? schema : (schemas[name] ?? {})
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asSchema(value: unknown): Schema {
  return isObject(value) ? value : {}
}
