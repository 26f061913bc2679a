import { access } from 'node:fs/promises'
import { findCommitsByPrefix, listRecentPlaces, type FoundCommit, type Place } from '../../db/views/explain.ts'
import { step, type ExplainedSubject } from '../../domain/explanation.ts'
import { findCommitKeys } from '../../domain/issue-key-settings.ts'
import type { IssueKey, Sha } from '../../domain/ids.ts'
import { toStorableText } from '../../domain/storable-text.ts'
import { mapConcurrently } from '../../lib/map-concurrently.ts'
import type { AppContext } from '../app-context.ts'
import { mirrorHead, mirrorOf } from '../sync/open-history.ts'
import { explainSmartCommit } from './explain-smart-commit.ts'
import { explainKeys, explainPlace, explainReceived } from './explain-place.ts'

/** Each is two short processes of git. */
const MIRRORS_SEARCHED = 200
const MIRRORS_AT_ONCE = 4
const MAX_LINE_BYTES = 100

export interface ExplainedPlace {
  readonly subject: ExplainedSubject
  /** Those whose way goes on. */
  readonly keys: readonly IssueKey[]
}

/** A hash, full or abbreviated: among what is stored, else in the local copies of the linked repositories. */
export async function explainCommit(app: AppContext, prefix: string, signal: AbortSignal): Promise<ExplainedPlace[]> {
  const stored = await findCommitsByPrefix(app.db.read, prefix)
  if (stored.length > 0) return Promise.all(stored.map((commit) => explainStored(app, commit)))
  const places = await listRecentPlaces(app.db.read, MIRRORS_SEARCHED)
  const found = await mapConcurrently(places, MIRRORS_AT_ONCE, (place) => explainUnstored(app, { place, prefix }, signal))
  return found.flat()
}

async function explainStored(app: AppContext, commit: FoundCommit): Promise<ExplainedPlace> {
  const steps = [
    await explainReceived(app, commit.syncId),
    explainKeys(commit.keys, 'its message'),
    ...(await explainPlace(app, commit, commit.keys)),
    step('yes', 'stored', { text: 'The commit is stored.' }),
    ...(await explainSmartCommit(app, commit)),
  ]
  return {
    subject: { title: titleOf(commit, commit.sha, commit.message), repositoryId: commit.repositoryId, issue: null, steps },
    keys: commit.keys,
  }
}

async function explainUnstored(
  app: AppContext,
  { place, prefix }: { place: Place; prefix: string },
  signal: AbortSignal,
): Promise<ExplainedPlace[]> {
  const there = await access(mirrorHead(app, { id: place.repositoryId })).then(
    () => true,
    () => false,
  )
  if (!there) return []
  const mirror = mirrorOf(app, { id: place.repositoryId })
  const found: ExplainedPlace[] = []
  for (const sha of await mirror.findCommits(prefix)) {
    const message = await readMessage(mirror, sha, signal)
    found.push(await explainRead(app, { place, sha, message }))
  }
  return found
}

async function explainRead(
  app: AppContext,
  { place, sha, message }: { place: Place; sha: Sha; message: string },
): Promise<ExplainedPlace> {
  const keys = findCommitKeys(message, app.settings.issueKeys)
  const why =
    keys.length === 0
      ? step('no', 'stored', { text: 'The commit exists, names no key, and therefore is not stored.' })
      : step('no', 'stored', {
          text: 'The commit is in the local copy and not stored: no branch reaches it, or a synchronisation has still to end.',
          remedy: `Run "jira-dvcs sync ${place.accountId}/${place.repository}", and see whether it ends well.`,
        })
  const steps = [explainKeys(keys, 'its message'), ...(await explainPlace(app, place, keys)), why]
  return { subject: { title: titleOf(place, sha, message), repositoryId: place.repositoryId, issue: null, steps }, keys: [] }
}

async function readMessage(mirror: ReturnType<typeof mirrorOf>, sha: Sha, signal: AbortSignal): Promise<string> {
  // Newest first, so that the first one is the commit itself; leaving the loop ends git.
  for await (const [commit] of mirror.readCommits({ include: [sha], exclude: [], signal })) return commit?.message ?? ''
  return ''
}

function titleOf(place: Place, sha: Sha, message: string): string {
  const line = toStorableText(message.split('\n', 1).join(''), { maxBytes: MAX_LINE_BYTES })
  return `Commit ${sha.slice(0, 12)} "${line}" in ${place.repository} (account ${place.accountId})`
}
