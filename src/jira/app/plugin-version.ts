/**
 * A version of npm as OSGi writes it: Jira refuses an app whose version is none. Of `1.2.0-rc.1+7` it makes `1.2.0.rc-1`: the
 * qualifier takes letters, digits, `_` and `-` (OSGi Core, 3.2.5), and what stands after `+` decides nothing.
 *
 * @param version As in package.json.
 * @throws RangeError no version of npm
 */
export function toPluginVersion(version: string): string {
  const match = /^(\d+\.\d+\.\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(version)
  const [, numbers, preRelease] = match ?? []
  if (numbers === undefined) throw new RangeError(`"${version}" is no version`)
  return preRelease === undefined ? numbers : `${numbers}.${preRelease.replaceAll('.', '-')}`
}
