/** Bars too, such as what can be done with selected rows. */
const ROWS = 'tr, li, tbody, [role="row"], section, [role="group"]'
const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary'

/** An element around what has the focus, with those beside it. */
interface Ring {
  readonly element: Element
  readonly next: Element | null
  readonly previous: Element | null
}

/** Where the focus was on the page, from the inside out; dialogs and menus lie over the page and are not part of it. */
interface Place {
  readonly rings: readonly Ring[]
  /** A dialog was open since. */
  asked: boolean
}

/**
 * Keeps the place of those who work by keyboard: where the row goes that has the focus, or the button that opened a dialog,
 * the focus goes to the next row, else to the one before it, else to the heading.
 */
export function keepFocus(): void {
  let place: Place | null = null
  const remember = ({ target }: FocusEvent) => {
    if (!(target instanceof Element)) return
    // Back on the button that opened the dialog: what was asked for may still take it away.
    const asked = place?.asked === true && place.rings[0]?.element === target
    if (target.closest('main') !== null) place = { rings: ringsOf(target), asked }
    else if (place !== null && target.closest('[role="dialog"]') !== null) place.asked = true
  }
  const look = () => {
    if (place === null || place.rings[0]?.element.isConnected !== false || document.activeElement !== document.body) return
    const { rings, asked } = place
    place = null
    const lost = rings.filter(({ element }) => !element.isConnected)
    // The outermost that is gone; with all of the page gone somebody went to another one.
    const last = lost.at(-1)
    if (last === undefined || lost.length === rings.length) return
    const around = rings[lost.length]?.element ?? document.body
    // Rows that are only scrolled away come and go.
    if (around.closest('[data-virtual]') !== null) return
    if (asked || lost.some(({ element }) => element.matches(ROWS))) moveTo(findBeside(last, around) ?? headingOf(around))
  }
  document.addEventListener('focusin', remember)
  // A click on what cannot have the focus: whoever reads there does not want it back.
  document.addEventListener('pointerdown', ({ target }) => {
    if (target instanceof Element && target.closest('main') !== null && target.closest(FOCUSABLE) === null) place = null
  })
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
}

function ringsOf(target: Element): Ring[] {
  const rings: Ring[] = []
  for (let element: Element | null = target; element !== null; element = element.parentElement) {
    rings.push({ element, next: element.nextElementSibling, previous: element.previousElementSibling })
    if (element.matches('main')) break
  }
  return rings
}

/** What can have the focus in the row where it was, or in one beside it. */
function findBeside({ element, next, previous }: Ring, around: Element): HTMLElement | null {
  const row = around.closest('tr, li, [role="row"]')
  const rows = element.matches(ROWS) ? [next, previous] : [row, row?.nextElementSibling, row?.previousElementSibling]
  for (const one of rows) {
    const found = one?.isConnected === true ? one.querySelector<HTMLElement>(FOCUSABLE) : null
    if (found !== null) return found
  }
  return null
}

function headingOf(around: Element): HTMLElement | null {
  const heading =
    around.closest('section')?.querySelector<HTMLElement>('h2, h3') ?? document.querySelector<HTMLElement>('main h1')
  if (heading !== null) heading.tabIndex = -1
  return heading
}

/** Nobody who uses a mouse is scrolled away. */
function moveTo(element: HTMLElement | null): void {
  element?.focus({ preventScroll: true })
  if (element?.matches(':focus-visible') === true) element.scrollIntoView({ block: 'nearest' })
}
