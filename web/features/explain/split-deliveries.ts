export interface TextPart {
  readonly part: string
  /** The part is the id of a delivery. */
  readonly delivery: boolean
}

/** `… the webhook in-12, received …`: the connector names deliveries by their ids alone. */
export function splitDeliveries(text: string): TextPart[] {
  return text
    .split(/(?<![\w/-])((?:webhook in|write: out)-[0-9]{1,15})(?![\w/-])/)
    .flatMap((part, index) => (index % 2 === 0 ? [{ part, delivery: false }] : toParts(part)))
    .filter(({ part }) => part !== '')
}

function toParts(named: string): TextPart[] {
  const [word = '', id = ''] = named.split(' ')
  return [
    { part: `${word} `, delivery: false },
    { part: id, delivery: true },
  ]
}
