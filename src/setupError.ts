/**
 * Something that the operator has to change: a setting, a port, a permission. The message says what to do; it is
 * printed as it is, without a stack trace, and the process exits with 2.
 */
export class SetupError extends Error {
  override name = 'SetupError'
}
