import { type BudgetWindow, windowAt } from './window'

/** A counter is kept for as long after its window as so many windows take, to be listed. */
const WINDOWS_KEPT = 35

/** Until when the counter of a window is kept. Undefined = for ever, because the window never ends. */
export function keptUntil(window: BudgetWindow, windowFrom: Date): Date | undefined {
  const { from, to } = windowAt(window, windowFrom)
  return to && new Date(to.getTime() + WINDOWS_KEPT * (to.getTime() - from.getTime()))
}
