import { createRandom, type Random } from './random.ts'
import { ENDINGS, THEMES, VERBS, type Theme } from './phrases.ts'

export interface GeneratedIssue {
  readonly key: string
  readonly summary: string
  /** What it is about, such as `cart badge`. */
  readonly topic: string
}

/** `PROJECT-1` to `PROJECT-n` of every project, with summaries that branches and commits take up. */
export function generateIssues(
  seed: number,
  projects: readonly string[],
  issuesPerProject: number,
): Map<string, readonly GeneratedIssue[]> {
  return new Map(
    projects.map((project, index) => {
      const random = createRandom(seed * 31 + index)
      const theme = themeOf(index)
      const issues = Array.from({ length: issuesPerProject }, (_, number) => ({
        key: `${project}-${number + 1}`,
        ...task(random, theme),
      }))
      return [project, issues]
    }),
  )
}

export function themeOf(index: number): Theme {
  return THEMES[index % THEMES.length] ?? THEMES[0]
}

export function task(random: Random, theme: Theme): Pick<GeneratedIssue, 'summary' | 'topic'> {
  const topic = random.pick(theme.things)
  return { topic, summary: `${random.pick(VERBS)} ${topic}${random.pick(ENDINGS)}` }
}

/** `SHOP-7-cart-badge` or `feature/pay-12-refunds`. */
export function branchName(random: Random, issue: GeneratedIssue): string {
  const slug = issue.topic.toLowerCase().replaceAll(/[^a-z]+/g, '-')
  if (random.chance(0.6)) return `${issue.key}-${slug}`
  return `${random.pick(['feature', 'bugfix', 'feature'])}/${issue.key.toLowerCase()}-${slug}`
}
