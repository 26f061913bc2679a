const LONGEST = 200

/** What is wrong with the reason for a link by hand; null: nothing. */
export function checkReason(reason: string): string | null {
  if (reason.trim() === '') return 'Say why, for those who wonder later.'
  return reason.trim().length > LONGEST ? `At most ${LONGEST} characters.` : null
}
