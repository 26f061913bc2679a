// `npm run build`: what the published package runs, into dist/. Sources run from src/ without it.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { bundleServer } from './bundle-server.ts'
import { describeThirdParties } from './third-party-notices.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

rmSync(dist, { recursive: true, force: true })
const server = await bundleServer(join(dist, 'src'))
const web = await bundleWeb()
writeFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), describeThirdParties([...server, ...web], root))

/** Builds the web interface; returns the modules that went in. */
async function bundleWeb(): Promise<string[]> {
  // Of these, web/vite.config.mts reads style sheets itself.
  const modules = ['@atlaskit/css-reset', '@atlaskit/tokens'].map((name) => join(root, 'node_modules', name, 'package.json'))
  await build({
    configFile: join(root, 'web/vite.config.mts'),
    logLevel: 'warn',
    // All that were read: a style sheet belongs to no chunk in the end.
    plugins: [
      {
        name: 'modules',
        generateBundle() {
          modules.push(...this.getModuleIds())
        },
      },
    ],
  })
  return modules
}
