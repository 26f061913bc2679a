import { cp, mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleServer } from '../tools/bundle-server.ts'

const root = join(import.meta.dirname, '..')

/**
 * Builds what users install, without the web interface, into `folder`: the launcher in a checkout prefers the sources.
 * Returns the launcher.
 */
export async function buildPackage(folder: string): Promise<string> {
  await bundleServer(join(folder, 'dist', 'src'))
  for (const name of ['package.json', 'tools/jira-dvcs.mjs', 'tools/with-node.mjs'])
    await cp(join(root, name), join(folder, name))
  for (const name of ['docs', 'jira-app']) await symlink(join(root, name), join(folder, name))
  // Each package for itself: what Node compiled is kept beside them, and goes with the folder.
  await mkdir(join(folder, 'node_modules'))
  for (const name of await readdir(join(root, 'node_modules')))
    if (!name.startsWith('.')) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  return join(folder, 'tools', 'jira-dvcs.mjs')
}
