/**
 * Orders two versions as the Jira app has them, such as `1.2.0` and `1.2.0.rc-1`. A qualifier comes of a pre-release of npm: it is
 * before the version without one, which OSGi would see the other way round.
 *
 * @returns Below, at or above 0; null: one of them is no such version.
 */
export function compareVersions(a: string, b: string): number | null {
  const [one, other] = [parse(a), parse(b)]
  if (one === null || other === null) return null
  for (const [index, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (one.qualifier === other.qualifier) return 0
  if (one.qualifier === '' || other.qualifier === '') return one.qualifier === '' ? 1 : -1
  return one.qualifier.localeCompare(other.qualifier, 'en', { numeric: true })
}

function parse(version: string): { readonly numbers: readonly number[]; readonly qualifier: string } | null {
  const [, numbers, qualifier = ''] = /^(\d+\.\d+\.\d+)(?:\.([\w-]+))?$/.exec(version) ?? []
  return numbers === undefined ? null : { numbers: numbers.split('.').map(Number), qualifier }
}
