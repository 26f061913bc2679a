/**
 * Whether a whole text is like a pattern in which `*` stands for any run of characters and `?` for one. Case does not
 * count. Never longer than pattern times text, whatever they hold: only the last `*` is ever tried anew, because an earlier
 * one that gives way could never make a match that the last one cannot.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  return matches(pattern.toLowerCase(), text.toLowerCase())
}

function matches(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let resumed = 0
  let position = 0
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at
      at += 1
      resumed = position
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[position])) {
      at += 1
      position += 1
    } else if (star >= 0) {
      at = star + 1
      resumed += 1
      position = resumed
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
