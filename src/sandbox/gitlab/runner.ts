import { addPipeline, setPipelineStatus } from './administration/pipelines.ts'
import type { Project } from './model.ts'
import type { RefChange } from './payloads.ts'
import { nullSha } from './repository.ts'
import type { World } from './state.ts'

/** Long enough to be seen running. */
const PIPELINE_MS = 2_000

/** What a runner does after a push: a pipeline for each branch that moved, which passes. */
export function buildPushed(world: World, project: Project, changes: readonly RefChange[]): void {
  if (!world.runner) return
  for (const { ref, after } of changes) {
    if (!ref.startsWith('refs/heads/') || after === nullSha(project)) continue
    const work = runPipeline(world, project, { ref: ref.slice('refs/heads/'.length), sha: after })
    world.pending.add(work)
    void work.finally(() => world.pending.delete(work))
  }
}

async function runPipeline(world: World, project: Project, { ref, sha }: { ref: string; sha: string }): Promise<void> {
  const pipeline = addPipeline(world, project, { ref, sha, status: 'running', jobs: ['running', 'success'] })
  try {
    await world.clock.sleep(PIPELINE_MS, world.closing)
  } catch {
    // The stand-in ends: its pipelines end with it.
    return
  }
  setPipelineStatus(world, project, pipeline, 'success')
}
