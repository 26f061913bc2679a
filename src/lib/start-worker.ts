import { Worker, type MessagePort } from 'node:worker_threads'

/**
 * Starts a thread whose file lies beside the one that asks for it: its source, or what the build made of it, which lies
 * there too (`THREADS` in `tools/bundle-server.ts`).
 *
 * @param asker `import.meta.url` of the file that asks
 * @param thread name of the thread's file without its ending, what the thread finds as `workerData`, and which ports in it are
 * handed over
 */
export function startWorker(
  asker: string,
  { name, data, transfer = [] }: { readonly name: string; readonly data: unknown; readonly transfer?: readonly MessagePort[] },
): Worker {
  const ending = asker.endsWith('.ts') ? 'ts' : 'js'
  // What the process was started with is not for threads.
  return new Worker(new URL(`./${name}.${ending}`, asker), { workerData: data, transferList: [...transfer], execArgv: [] })
}
