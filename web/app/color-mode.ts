export type ColorMode = 'light' | 'dark' | 'system'

const KEY = 'color-mode'
const DARK = '(prefers-color-scheme: dark)'

/** What was chosen; `system` where nothing was. web/public/color-mode.js applies it before the first paint. */
export function readColorMode(): ColorMode {
  // A browser that keeps nothing remembers the choice for this page only.
  const chosen = document.documentElement.dataset['colorChoice'] ?? readStored()
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

/** Shows a mode at once, and remembers it in this browser. */
export function chooseColorMode(mode: ColorMode): void {
  document.documentElement.dataset['colorChoice'] = mode
  try {
    localStorage.setItem(KEY, mode)
  } catch {
    // Kept for this page only.
  }
  apply()
}

/** Follows the system on every page, the sign-in too, as long as neither light nor dark was chosen. */
export function followSystemColors(): void {
  matchMedia(DARK).addEventListener('change', apply)
}

function readStored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    // No storage: the system's mode.
    return null
  }
}

function apply(): void {
  const mode = readColorMode()
  const dark = mode === 'dark' || (mode === 'system' && matchMedia(DARK).matches)
  document.documentElement.dataset['colorMode'] = dark ? 'dark' : 'light'
}
