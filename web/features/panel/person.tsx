import { StrangerText } from '../../ui/stranger-text.tsx'
import { toColour, toInitial } from './commit-text.ts'
import styles from './person.module.css'

const COLOURS = ['blue', 'teal', 'green', 'purple', 'magenta', 'orange', 'grey'] as const

export interface PersonProps {
  readonly name: string
  readonly email?: string | null
}

/** Somebody's initial and name. Pictures would have to come from another server. */
export function Person({ name, email = null }: PersonProps) {
  return (
    <span className={styles['person']} {...(email === null ? {} : { title: email })}>
      <Initial name={name} />
      <StrangerText className={styles['name']} empty="(no name)">
        {name}
      </StrangerText>
    </span>
  )
}

function Initial({ name }: { readonly name: string }) {
  const colour = COLOURS[toColour(name, COLOURS.length)] ?? 'grey'
  return (
    <span className={`${styles['initial']} ${styles[colour]}`} aria-hidden="true">
      {toInitial(name)}
    </span>
  )
}
