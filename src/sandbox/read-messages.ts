import { spawn } from 'node:child_process'

/** What `git log` says of every commit that a branch reaches, read apart from the connector's own way of reading. */
export interface CommitText {
  readonly sha: string
  readonly message: string
}

/** Streams hash and message of a repository's commits; throws when git fails. */
export async function* readMessages({
  folder,
  env,
}: {
  folder: string
  env: NodeJS.ProcessEnv
}): AsyncGenerator<CommitText, void, undefined> {
  const args = ['-C', folder, 'log', '--branches', '--no-mailmap', '-z', '--format=%H%n%B']
  const child = spawn('git', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, 2_000)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  let rest = ''
  try {
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const parts = (rest + String(chunk)).split('\0')
      rest = parts.pop() ?? ''
      for (const part of parts) yield toCommitText(part)
    }
    const code = await ended
    if (code !== 0) throw new Error(stderr.trim() === '' ? `git log ended with ${code}` : stderr.trim())
    if (rest !== '') yield toCommitText(rest)
  } finally {
    child.kill()
  }
}

function toCommitText(part: string): CommitText {
  const end = part.indexOf('\n')
  return { sha: part.slice(0, end), message: part.slice(end + 1) }
}
