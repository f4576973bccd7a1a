/** The users whose credits a load spends. */
export type UserChoice =
  | { kind: 'one' }
  | { kind: 'uniform'; userCount: number }
  /** The nth user comes up in proportion to 1/n. */
  | { kind: 'zipf'; userCount: number }

const DIGITS = 7

/** All ids have one length, so that a message can be patched in place. {@link USER_ID_SQL} makes the same ids. */
export function userIdOf(number: number): string {
  return `user-${String(number).padStart(DIGITS, '0')}`
}

export const USER_ID_SQL = `'user-' || lpad(n::text, ${DIGITS}, '0')`

/** Returns the next user's id each time it is called. */
export function userChooser(choice: UserChoice): () => string {
  switch (choice.kind) {
    case 'one':
      return () => userIdOf(1)
    case 'uniform':
      return () => userIdOf(1 + Math.floor(Math.random() * choice.userCount))
    case 'zipf':
      return zipfChooser(choice.userCount)
  }
}

function zipfChooser(userCount: number): () => string {
  const cumulated = new Float64Array(userCount)
  let sum = 0
  for (let index = 0; index < userCount; index++) {
    sum += 1 / (index + 1)
    cumulated[index] = sum
  }
  return () => userIdOf(1 + firstAbove(cumulated, Math.random() * sum))
}

function firstAbove(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
