import {
  addTriggerRule,
  changeTriggerRule,
  deleteTriggerRule,
  listTriggerRules,
  orderTriggerRules,
  type StoredTriggerRule,
} from '../../db/stores/trigger-rules.ts'
import { findAccount } from '../../db/stores/accounts.ts'
import { isBracketed, type TriggerRule } from '../../domain/trigger.ts'
import { findUnknownPlaceholders } from '../../domain/trigger-comment.ts'
import { ConnectorError, isConnectorError } from '../../lib/connector-error.ts'
import type { AppContext } from '../app-context.ts'
import { getConnected } from '../jira/connect-jira.ts'
import { InvalidTrigger } from './invalid-trigger.ts'

/** Each is judged for each event: this bounds what one event costs. */
const MOST_RULES = 200

const QUERY = 'conditions.jql'

export type { StoredTriggerRule }

export interface RuleChange {
  /** null: it is a new one. */
  readonly id: string | null
  readonly rule: Omit<TriggerRule, 'id'>
  readonly changedBy: string
}

/**
 * Stores a rule after its conditions were checked: accounts exist, the query is one that Jira understands.
 *
 * @throws ConnectorError `trigger-invalid`, `trigger-not-found`, `too-many-triggers`, and those of the Jira client
 */
export async function changeRule(app: AppContext, change: RuleChange, signal: AbortSignal): Promise<StoredTriggerRule> {
  await checkRule(app, change.rule, signal)
  const values = { ...change.rule, changedBy: change.changedBy, changedAt: app.clock.now() }
  return app.db.write('interactive', async (tx) => {
    const { id } = change
    if (id === null) {
      if ((await listTriggerRules(tx)).length >= MOST_RULES) throw tooMany()
      return { ...values, id: await addTriggerRule(tx, values) }
    }
    if (!(await changeTriggerRule(tx, id, values))) throw ruleNotFound(id)
    return { ...values, id }
  })
}

/** In the order in which they are tried. */
export function listRules({ db }: Pick<AppContext, 'db'>): Promise<StoredTriggerRule[]> {
  return listTriggerRules(db.read)
}

/** @throws ConnectorError `trigger-not-found` */
export async function removeRule(app: AppContext, id: string): Promise<StoredTriggerRule> {
  return app.db.write('interactive', async (tx) => {
    const rule = (await listTriggerRules(tx)).find((one) => one.id === id)
    if (rule === undefined) throw ruleNotFound(id)
    await deleteTriggerRule(tx, id)
    return rule
  })
}

/** Puts the rules into this order; returns all of them. */
export async function orderRules(app: AppContext, ids: readonly string[]): Promise<StoredTriggerRule[]> {
  return app.db.write('interactive', async (tx) => {
    await orderTriggerRules(tx, ids)
    return listTriggerRules(tx)
  })
}

/** @throws ConnectorError `trigger-invalid`, and those of the Jira client */
export async function checkRule(app: AppContext, rule: Omit<TriggerRule, 'id'>, signal: AbortSignal): Promise<void> {
  if (rule.transition === null && rule.comment === null)
    throw new InvalidTrigger('transition', 'It neither moves the issue nor comments on it.')
  const unknown = findUnknownPlaceholders(rule.comment ?? '')
  if (unknown.length > 0) {
    const names = unknown.map((name) => `\${${name}}`).join(', ')
    throw new InvalidTrigger('comment', `The comment names ${names}, which is nothing.`)
  }
  for (const [index, id] of rule.conditions.accounts.entries()) {
    if ((await findAccount(app.db.read, id)) !== null) continue
    throw new InvalidTrigger(`conditions.accounts.${index}`, `There is no account "${id}".`)
  }
  if (rule.conditions.jql !== null) await checkQuery(app, rule.conditions.jql, signal)
}

async function checkQuery(app: AppContext, jql: string, signal: AbortSignal): Promise<void> {
  if (!isBracketed(jql)) throw new InvalidTrigger(QUERY, 'Brackets or quotes of the query are not in pairs.')
  const { client } = getConnected(app)
  try {
    await client.questions.checkQuery(jql, signal)
  } catch (error) {
    if (!isConnectorError(error, 'jira-refused')) throw error
    throw new InvalidTrigger(QUERY, `Jira does not understand the query. ${error.userMessage}`)
  }
}

function ruleNotFound(id: string): ConnectorError {
  return new ConnectorError('trigger-not-found', { userMessage: `There is no rule with the id ${id}.` })
}

function tooMany(): ConnectorError {
  return new ConnectorError('too-many-triggers', {
    userMessage: `There are ${MOST_RULES} rules already, and each is judged for each event.`,
    remedy: 'Delete rules that are not used, or widen the conditions of others.',
  })
}
