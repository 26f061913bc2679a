import { StringDecoder } from 'node:string_decoder'

export interface FetchProgress {
  /** Objects received so far and in all; in a commits-only fetch objects are commits. */
  readonly received: number
  readonly total: number
}

/** Enough to find out why git failed, however many refs it lists on the way. */
const MAX_LINES = 200
const MAX_LINE_CHARACTERS = 2000

/** Collects what git writes to standard error: messages kept (bounded, secrets removed), progress passed on. */
export function collectMessages(options: {
  readonly secrets: readonly string[]
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined
}) {
  const decoder = new StringDecoder('utf8')
  const lines: string[] = []
  let partial = ''
  const take = (line: string) => {
    const progress = /^Receiving objects: +\d+% \((\d+)\/(\d+)\)/.exec(line)
    if (progress !== null) options.onProgress?.({ received: Number(progress[1]), total: Number(progress[2]) })
    else if (isMessage(line)) lines.push(scrub(line, options.secrets).slice(0, MAX_LINE_CHARACTERS))
    if (lines.length > MAX_LINES) lines.shift()
  }
  return {
    write(chunk: Buffer): void {
      const pieces = (partial + decoder.write(chunk)).split(/[\r\n]/)
      partial = (pieces.pop() ?? '').slice(0, MAX_LINE_CHARACTERS)
      for (const piece of pieces) take(piece)
    },
    end(): readonly string[] {
      take(partial)
      partial = ''
      return lines
    },
  }
}

/** Not progress, and not one of the lines that list refs, which the other side can word as it likes. */
function isMessage(line: string): boolean {
  return line.trim() !== '' && !line.startsWith(' ') && !line.startsWith('From ') && !/^(remote: )?[A-Z][a-z ]+: +\d+/.test(line)
}

function scrub(line: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line)
}
