#!/usr/bin/env node
// The package's bin: re-executes itself on the Node.js that the install brought (see with-node.mjs).
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runOnNode } from './with-node.mjs'

// A checkout has the sources, which Node runs as they are; a published package has only the build.
const source = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const built = fileURLToPath(new URL('../dist/src/main.js', import.meta.url))

// V8 sizes its heap by the machine's memory and lets garbage lie: an import of 100,000 commits peaked at 325 MiB on 24 GiB,
// with this limit at 250 MiB. It is far above what is ever alive (80 MiB). The user's own choice in NODE_OPTIONS goes first.
const heap = /--max[-_]old[-_]space/.test(process.env.NODE_OPTIONS ?? '')
  ? []
  : ['--max-semi-space-size=16', '--max-old-space-size=1024']

// Node keeps what it compiled, also of what is loaded first and in threads, for which a call in the program would come too
// late. It lies where only those may write who may change the code itself; where we may not write either, Node does without.
const cache = fileURLToPath(new URL('../node_modules/.cache/jira-dvcs', import.meta.url))
runOnNode([...heap, existsSync(source) ? source : built, ...process.argv.slice(2)], {
  ipc: true,
  env: { NODE_COMPILE_CACHE: cache, ...process.env },
})
