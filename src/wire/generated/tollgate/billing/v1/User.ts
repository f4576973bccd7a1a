// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Balance as _tollgate_billing_v1_Balance, Balance__Output as _tollgate_billing_v1_Balance__Output } from '../../../tollgate/billing/v1/Balance';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Long } from '@grpc/proto-loader';

export interface User {
  'userId'?: (string);
  'balance'?: (_tollgate_billing_v1_Balance | null);
  /**
   * Subscription facts, as the payment system last reported them.
   */
  'tier'?: (string);
  'stripeCustomerId'?: (string);
  'stripeSubscriptionId'?: (string);
  'isTrial'?: (boolean);
  'trialExpiresAt'?: (_google_protobuf_Timestamp | null);
  'overdraftLimitNanousd'?: (number | string | Long);
  'createdAt'?: (_google_protobuf_Timestamp | null);
  /**
   * What the service concluded: a user with any sign of a paid subscription is billed as paid.
   */
  'billedAsTrial'?: (boolean);
  /**
   * Use of the trial: what it would have cost, in all and today; calls; reserved by open streams.
   */
  'trialSpentNanousd'?: (number | string | Long);
  'trialSpentTodayNanousd'?: (number | string | Long);
  'trialRequests'?: (number | string | Long);
  'trialHeldNanousd'?: (number | string | Long);
  /**
   * A suspended user is refused everything new; what is open is settled.
   */
  'suspended'?: (boolean);
}

export interface User__Output {
  'userId': (string);
  'balance': (_tollgate_billing_v1_Balance__Output | null);
  /**
   * Subscription facts, as the payment system last reported them.
   */
  'tier': (string);
  'stripeCustomerId': (string);
  'stripeSubscriptionId': (string);
  'isTrial': (boolean);
  'trialExpiresAt': (_google_protobuf_Timestamp__Output | null);
  'overdraftLimitNanousd': (string);
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * What the service concluded: a user with any sign of a paid subscription is billed as paid.
   */
  'billedAsTrial': (boolean);
  /**
   * Use of the trial: what it would have cost, in all and today; calls; reserved by open streams.
   */
  'trialSpentNanousd': (string);
  'trialSpentTodayNanousd': (string);
  'trialRequests': (string);
  'trialHeldNanousd': (string);
  /**
   * A suspended user is refused everything new; what is open is settled.
   */
  'suspended': (boolean);
}
