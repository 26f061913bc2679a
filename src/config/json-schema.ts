import { FILE_SUFFIX, type AnyOption, type OptionTable } from './option.ts'
import { ACCOUNT_OPTIONS, OPTIONS } from './options.ts'
import type { JsonSchema } from './value-types.ts'

/**
 * JSON Schema (2020-12) of the configuration file, for editors. It describes the file as written, where every value may be
 * `${NAME}`; what only the loader knows (files, variables, what goes together) it lets pass.
 */
export function configurationSchema(): JsonSchema {
  const root = schemaOf(OPTIONS)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of jira-dvcs (connector.yaml)',
    ...root,
    properties: {
      ...root.properties,
      accounts: {
        description: 'DVCS accounts: one entry per group, user or installation of a Git host.',
        type: ['array', 'null'],
        items: { ...schemaOf(ACCOUNT_OPTIONS), type: 'object', ...requiredOf(ACCOUNT_OPTIONS) },
      },
    },
    $defs: { substituted: { description: 'A text with ${NAME} of an environment variable', type: 'string', pattern: '\\$\\{' } },
  }
}

/** The text of docs/connector.schema.json, with short lists on one line as the formatter leaves them. */
export function configurationSchemaText(): string {
  const text = JSON.stringify(configurationSchema(), null, 2)
  const joined = text.replaceAll(LIST_OF_SCALARS, (list) =>
    list.replaceAll(/\n\s*/g, ' ').replace(/^\[ /, '[').replace(/ \]$/, ']'),
  )
  return `${joined}\n`
}

const LIST_OF_SCALARS = /\[\n(?:\s+(?:"(?:[^"\\]|\\.)*"|null|true|false|[0-9.-]+),?\n)+\s*\]/g

interface ObjectSchema {
  readonly type: unknown
  readonly properties: Record<string, unknown>
  readonly additionalProperties: false
}

/** Turns the paths of a table into nested objects, one level deep. */
function schemaOf(table: OptionTable): ObjectSchema {
  const properties: Record<string, unknown> = {}
  const sections = new Map<string, Record<string, AnyOption>>()
  for (const [path, option] of Object.entries(table)) {
    const [section, name] = path.split('.', 2)
    if (section !== undefined && name !== undefined) sections.set(section, { ...sections.get(section), [name]: option })
    else Object.assign(properties, propertiesOf(path, option))
  }
  for (const [section, options] of sections) properties[section] = schemaOf(options)
  return { type: ['object', 'null'], properties, additionalProperties: false }
}

function propertiesOf(name: string, option: AnyOption): Record<string, JsonSchema> {
  const description = option.description
  const schema = option.default === null ? {} : { default: defaultOf(option) }
  const own = { description, anyOf: [lenient(option.type.schema), { type: 'null' }, { $ref: '#/$defs/substituted' }], ...schema }
  if (!option.secret) return { [name]: own }
  return { [name]: own, [`${name}${FILE_SUFFIX}`]: { description: `File that holds \`${name}\`.`, type: ['string', 'null'] } }
}

/** Items of lists may be texts with `${NAME}` too. */
function lenient(schema: JsonSchema): JsonSchema {
  return schema['type'] === 'array' ? { ...schema, items: { anyOf: [schema['items'], { $ref: '#/$defs/substituted' }] } } : schema
}

/** As the file would say it: numbers and truth values are not texts there. */
function defaultOf({ type, default: value }: AnyOption): unknown {
  const kind = type.schema['type']
  return kind === 'integer' || kind === 'boolean' ? (JSON.parse(String(value)) as unknown) : value
}

function requiredOf(table: OptionTable): JsonSchema {
  const required = Object.entries(table).filter(([, option]) => option.required)
  return {
    required: required.filter(([, option]) => !option.secret).map(([name]) => name),
    allOf: required
      .filter(([, option]) => option.secret)
      .map(([name]) => ({ oneOf: [{ required: [name] }, { required: [`${name}${FILE_SUFFIX}`] }] })),
  }
}
