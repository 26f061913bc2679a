import styles from './host-logo.module.css'

export const HOST_NAMES = { gitlab: 'GitLab' } as const

/** A mark of our own, the same for every host: a branch that leaves and comes back. The host's name stands beside it as text. */
export function HostLogo({ size = 24 }: { readonly size?: number }) {
  return (
    <svg className={styles['logo']} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect className={styles['ground']} width="24" height="24" rx="4" />
      <path d="M8 7.5v9M8 13c0-2.5 8-1 8-5" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
      <g fill="currentColor">
        <circle cx="8" cy="6" r="2" />
        <circle cx="8" cy="18" r="2" />
        <circle cx="16" cy="7" r="2" />
      </g>
    </svg>
  )
}
