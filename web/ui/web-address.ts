/** Whether a link may lead there: addresses come from Git hosts, and must not run anything here. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text)
}
