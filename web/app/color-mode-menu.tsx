import { IconButton } from '@atlaskit/button/new'
import DropdownMenu, { DropdownItemRadio, DropdownItemRadioGroup } from '@atlaskit/dropdown-menu'
import ThemeIcon from '@atlaskit/icon/core/theme'
import { useState } from 'react'
import { chooseColorMode, readColorMode } from './color-mode.ts'

const MODES = [
  { mode: 'light', label: 'Light' },
  { mode: 'dark', label: 'Dark' },
  { mode: 'system', label: 'Match system' },
] as const

/** Light, dark, or as the system. */
export function ColorModeMenu() {
  const [mode, setMode] = useState(readColorMode)
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
              chooseColorMode(choice.mode)
            }}
          >
            {choice.label}
          </DropdownItemRadio>
        ))}
      </DropdownItemRadioGroup>
    </DropdownMenu>
  )
}
