import { join } from 'node:path'
import { rolldown, type OutputChunk } from 'rolldown'

/**
 * What is not bundled: native code, which needs its files; what runs in a thread of its own, from files of its own; and
 * what packages only ask for if it is there.
 */
const EXTERNAL = ['better-sqlite3', 'pg-native', 'typescript']

/** What runs in a thread of its own, beside whatever starts it. */
const THREADS = {
  'sqlite-worker': 'src/db/sqlite-worker.ts',
  'arrival-thread': 'src/app/sync/arrival-thread.ts',
}

/**
 * Bundles the service with the packages that it uses into `folder`: `main.js`, the threads and the chunks they load.
 * All lie side by side, because the code looks for a thread beside itself. Returns the paths of the modules that went in.
 */
export async function bundleServer(folder: string): Promise<string[]> {
  const root = join(import.meta.dirname, '..')
  const bundle = await rolldown({
    cwd: root,
    input: { main: 'src/main.ts', ...THREADS },
    platform: 'node',
    external: EXTERNAL,
    logLevel: 'warn',
  })
  try {
    const { output } = await bundle.write({
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      // Classes keep the names that logs tell of errors.
      keepNames: true,
    })
    return output.filter((part): part is OutputChunk => part.type === 'chunk').flatMap(({ moduleIds }) => moduleIds)
  } finally {
    await bundle.close()
  }
}
