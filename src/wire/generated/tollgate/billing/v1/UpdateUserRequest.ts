// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Long } from '@grpc/proto-loader';

export interface UpdateUserRequest {
  'userId'?: (string);
  'tier'?: (string);
  'stripeCustomerId'?: (string);
  'stripeSubscriptionId'?: (string);
  'isTrial'?: (boolean);
  'trialExpiresAt'?: (_google_protobuf_Timestamp | null);
  'dailyLimitNanousd'?: (number | string | Long);
  'overdraftLimitNanousd'?: (number | string | Long);
  'clearTrialExpiresAt'?: (boolean);
  'suspended'?: (boolean);
  /**
   * Exactly once per key; empty = each request is an entry of its own.
   */
  'idempotencyKey'?: (string);
  '_tier'?: "tier";
  '_stripeCustomerId'?: "stripeCustomerId";
  '_stripeSubscriptionId'?: "stripeSubscriptionId";
  '_isTrial'?: "isTrial";
  '_dailyLimitNanousd'?: "dailyLimitNanousd";
  '_overdraftLimitNanousd'?: "overdraftLimitNanousd";
  '_suspended'?: "suspended";
}

export interface UpdateUserRequest__Output {
  'userId': (string);
  'tier'?: (string);
  'stripeCustomerId'?: (string);
  'stripeSubscriptionId'?: (string);
  'isTrial'?: (boolean);
  'trialExpiresAt': (_google_protobuf_Timestamp__Output | null);
  'dailyLimitNanousd'?: (string);
  'overdraftLimitNanousd'?: (string);
  'clearTrialExpiresAt': (boolean);
  'suspended'?: (boolean);
  /**
   * Exactly once per key; empty = each request is an entry of its own.
   */
  'idempotencyKey': (string);
  '_tier'?: "tier";
  '_stripeCustomerId'?: "stripeCustomerId";
  '_stripeSubscriptionId'?: "stripeSubscriptionId";
  '_isTrial'?: "isTrial";
  '_dailyLimitNanousd'?: "dailyLimitNanousd";
  '_overdraftLimitNanousd'?: "overdraftLimitNanousd";
  '_suspended'?: "suspended";
}
