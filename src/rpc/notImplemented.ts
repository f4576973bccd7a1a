import { BillingError } from '../domain/errors'
import type { UnaryHandler } from './unary'

/** Says that a method of the contract is not served yet, and what is there instead. */
export function notImplemented(method: string, instead: string): UnaryHandler<unknown, never> {
  return () =>
    Promise.reject(
      new BillingError('NOT_IMPLEMENTED', `${method} is not served by this version yet: ${instead}`),
    )
}
