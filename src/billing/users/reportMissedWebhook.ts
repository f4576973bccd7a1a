import type { Rules } from '../../domain/decide/posting'
import { webhookWasMissed } from '../../domain/ledger/trial'
import type { User } from '../../domain/ledger/user'
import { reportWarning } from '../../observability/sentry'

/** A user who shows most signs of a paid subscription and is still on trial: the payment system probably said so, and wasn't heard. */
export function reportMissedWebhook(user: User, { trial }: Rules): void {
  if (!webhookWasMissed(user, trial.paidTiers)) return
  reportWarning('TRIAL_OVERRIDE', {
    subject: user.userId,
    message:
      'a user on trial shows three or more signs of a paid subscription: a webhook was probably missed',
  })
}
