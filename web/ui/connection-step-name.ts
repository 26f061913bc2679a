const ABBREVIATIONS: Readonly<Record<string, string>> = { dns: 'DNS', tls: 'TLS' }

/** What people call a step of a connection test. */
export function toStepName(name: string): string {
  return ABBREVIATIONS[name] ?? name.charAt(0).toUpperCase() + name.slice(1)
}
