// `npm run build`: what the published package runs, into dist/. Sources run from src/ without it.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'

const STEPS: readonly (readonly string[])[] = [
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
  ['node_modules/vite/bin/vite.js', 'build', '--config', 'web/vite.config.mts', '--logLevel', 'warn'],
]

rmSync('dist', { recursive: true, force: true })
for (const step of STEPS) {
  const { status } = spawnSync(process.execPath, step, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
