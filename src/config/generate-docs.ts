// Writes docs/configuration.md and docs/connector.schema.json: node tools/with-node.mjs src/config/generate-docs.ts
import { writeFileSync } from 'node:fs'
import { configurationMarkdown } from './docs-markdown.ts'
import { configurationSchemaText } from './json-schema.ts'

const docs = new URL('../../docs/', import.meta.url)
writeFileSync(new URL('configuration.md', docs), configurationMarkdown())
writeFileSync(new URL('connector.schema.json', docs), configurationSchemaText())
