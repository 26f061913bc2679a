import type { SandboxIssue, SandboxUser } from './types.ts'

const SUBJECTS = [
  [
    'Cart keeps the voucher after it was removed',
    'Bug',
    'Remove a voucher from the cart: the total still has the discount until the page is loaded again.',
  ],
  [
    'Show delivery date on the order page',
    'Story',
    'Customers ask support for it. The carrier gives us the date two hours after hand-over.',
  ],
  [
    'Payment times out behind slow networks',
    'Bug',
    'Raise the limit to 30 seconds and show progress, so that nobody pays twice.',
  ],
  ['Move product images to the new storage', 'Task', 'The old volume is full at the end of the quarter. Keep the addresses.'],
  ['Search finds products by their part number', 'Story', 'Service technicians search by the number printed on the part.'],
  ['Round taxes per line, not per order', 'Bug', 'Accounting finds differences of a cent in every tenth invoice.'],
  ['Sign in with the company account', 'Story', 'Single sign-on for the people in the shops.'],
  ['Speed up the category page', 'Task', 'It reads 400 products to show 24 of them.'],
  ['Newsletter cannot be cancelled from a phone', 'Bug', 'The button lies under the keyboard on small screens.'],
  ['Export orders as CSV', 'Story', 'One line per position, UTF-8, separator as in the settings of the user.'],
  ['Replace the address check', 'Task', 'The provider ends the old interface in spring.'],
  ['Stock shows negative numbers', 'Bug', 'Two orders at the same moment take the same last piece.'],
] as const

const STATUSES: readonly SandboxIssue['status'][] = ['To Do', 'In Progress', 'In Review', 'Done']
const PRIORITIES: readonly SandboxIssue['priority'][] = ['Medium', 'High', 'Medium', 'Low']

/** The same issue for the same number, so that tests and screenshots stay alike. */
export function believableIssue(number: number, users: readonly SandboxUser[]) {
  const index = (number - 1) % SUBJECTS.length
  const round = Math.floor((number - 1) / SUBJECTS.length)
  const [summary, type, description] = SUBJECTS[index] ?? SUBJECTS[0]
  return {
    summary: round === 0 ? summary : `${summary} (${round + 1})`,
    type,
    description,
    status: STATUSES[number % STATUSES.length] ?? 'To Do',
    priority: PRIORITIES[number % PRIORITIES.length] ?? 'Medium',
    assignee: users[number % Math.max(1, users.length)]?.name ?? null,
  }
}
