import { IconButton } from '@atlaskit/button/new'
import DropdownMenu, { DropdownItemRadio, DropdownItemRadioGroup } from '@atlaskit/dropdown-menu'
import ThemeIcon from '@atlaskit/icon/core/theme'
import { useEffect, useState } from 'react'

const MODES = [
  { mode: 'light', label: 'Light' },
  { mode: 'dark', label: 'Dark' },
  { mode: 'system', label: 'Match system' },
] as const

type Mode = (typeof MODES)[number]['mode']

const KEY = 'color-mode'

/** Light, dark, or as the system; remembered in this browser. web/public/color-mode.js applies it before the first paint. */
export function ColorModeMenu() {
  const [mode, setMode] = useState(readMode)
  useEffect(() => applyMode(mode), [mode])
  return (
    <DropdownMenu<HTMLButtonElement>
      placement="bottom-end"
      trigger={({ triggerRef, ...props }) => (
        <IconButton ref={triggerRef} {...props} icon={ThemeIcon} label="Colours" appearance="subtle" />
      )}
    >
      <DropdownItemRadioGroup id="color-mode" title="Colours">
        {MODES.map((choice) => (
          <DropdownItemRadio
            key={choice.mode}
            id={choice.mode}
            isSelected={mode === choice.mode}
            onClick={() => {
              setMode(choice.mode)
              saveMode(choice.mode)
            }}
          >
            {choice.label}
          </DropdownItemRadio>
        ))}
      </DropdownItemRadioGroup>
    </DropdownMenu>
  )
}

function readMode(): Mode {
  try {
    const saved = localStorage.getItem(KEY)
    return MODES.find(({ mode }) => mode === saved)?.mode ?? 'system'
  } catch {
    // A browser that keeps nothing: as the system.
    return 'system'
  }
}

function saveMode(mode: Mode): void {
  try {
    localStorage.setItem(KEY, mode)
  } catch {
    // Kept for this page only.
  }
}

function applyMode(mode: Mode): (() => void) | undefined {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const dark = mode === 'dark' || (mode === 'system' && system.matches)
    document.documentElement.dataset['colorMode'] = dark ? 'dark' : 'light'
  }
  apply()
  if (mode !== 'system') return undefined
  system.addEventListener('change', apply)
  return () => system.removeEventListener('change', apply)
}
