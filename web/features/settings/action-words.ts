/** `createAccount` as `create account`. */
export function toWords(action: string): string {
  return action.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase()
}
