#!/usr/bin/env node
// The package's bin: re-executes itself on the Node.js that the install brought (see with-node.mjs).
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runOnNode } from './with-node.mjs'

// A checkout has the sources, which Node runs as they are; a published package has only the build.
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const built = fileURLToPath(new URL('../dist/src/main.js', import.meta.url))
runOnNode([existsSync(source) ? source : built, ...process.argv.slice(2)], { ipc: true })
