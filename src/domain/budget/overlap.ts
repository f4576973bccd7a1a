import { matchesWhole } from '../globs'
import type { BudgetMatch } from './budget'

/**
 * At most this many of the budgets match one call. Sorts them into sets of which no two match one call;
 * a call then matches at most one budget of each set. It may be more than the true maximum.
 */
export function matchingAtMost(matches: readonly BudgetMatch[]): number {
  const sets: BudgetMatch[][] = []
  for (const match of matches) {
    const set = sets.find((others) => others.every((other) => excludeEachOther(match, other)))
    if (set === undefined) sets.push([match])
    else set.push(match)
  }
  return sets.length
}

/** Whether certainly no call matches both. */
function excludeEachOther(a: BudgetMatch, b: BudgetMatch): boolean {
  return (
    areDisjoint(a.apiKeyIds, b.apiKeyIds) ||
    areDisjoint(a.providers, b.providers) ||
    areOfOtherModels(a.models, b.models) ||
    areOfOtherModels(b.models, a.models) ||
    Object.keys(a.labels).some((name) => b.labels[name] !== undefined && b.labels[name] !== a.labels[name])
  )
}

function areDisjoint(a: readonly string[], b: readonly string[]): boolean {
  return a.length > 0 && b.length > 0 && !a.some((value) => b.includes(value))
}

/** Two globs may have a name in common, which is not looked for. */
function areOfOtherModels(names: readonly string[], globs: readonly string[]): boolean {
  if (names.length === 0 || globs.length === 0 || names.some((name) => name.includes('*'))) return false
  return !names.some((name) => matchesWhole(name, globs))
}
