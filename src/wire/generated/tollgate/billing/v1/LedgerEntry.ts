// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { EntryKind as _tollgate_billing_v1_EntryKind, EntryKind__Output as _tollgate_billing_v1_EntryKind__Output } from '../../../tollgate/billing/v1/EntryKind';
import type { Balance as _tollgate_billing_v1_Balance, Balance__Output as _tollgate_billing_v1_Balance__Output } from '../../../tollgate/billing/v1/Balance';
import type { Charge as _tollgate_billing_v1_Charge, Charge__Output as _tollgate_billing_v1_Charge__Output } from '../../../tollgate/billing/v1/Charge';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Long } from '@grpc/proto-loader';

/**
 * One change of one user, in order: version n leaves the balance that version n+1 starts from.
 */
export interface LedgerEntry {
  'entryId'?: (string);
  'userId'?: (string);
  'version'?: (number | string | Long);
  'kind'?: (_tollgate_billing_v1_EntryKind);
  'idempotencyKey'?: (string);
  /**
   * Signed change of each amount.
   */
  'allowanceDeltaNanousd'?: (number | string | Long);
  'creditsDeltaNanousd'?: (number | string | Long);
  'heldDeltaNanousd'?: (number | string | Long);
  'balance'?: (_tollgate_billing_v1_Balance | null);
  /**
   * Only on CHARGE and SETTLEMENT.
   */
  'charge'?: (_tollgate_billing_v1_Charge | null);
  'reason'?: (string);
  'createdAt'?: (_google_protobuf_Timestamp | null);
  /**
   * The charge that this entry refunds or adjusts; the hold that it opens, extends or ends.
   */
  'chargeId'?: (string);
  'holdId'?: (string);
  'spentTodayDeltaNanousd'?: (number | string | Long);
  /**
   * SHA-256 over this entry and the hash of the one before it.
   */
  'hash'?: (Buffer | Uint8Array | string);
  /**
   * Name of the token that asked for it; `tollgate` for what the service does by itself, such as settling an expired stream.
   * Empty = an earlier release wrote it, or the server ran without tokens.
   */
  'actor'?: (string);
}

/**
 * One change of one user, in order: version n leaves the balance that version n+1 starts from.
 */
export interface LedgerEntry__Output {
  'entryId': (string);
  'userId': (string);
  'version': (string);
  'kind': (_tollgate_billing_v1_EntryKind__Output);
  'idempotencyKey': (string);
  /**
   * Signed change of each amount.
   */
  'allowanceDeltaNanousd': (string);
  'creditsDeltaNanousd': (string);
  'heldDeltaNanousd': (string);
  'balance': (_tollgate_billing_v1_Balance__Output | null);
  /**
   * Only on CHARGE and SETTLEMENT.
   */
  'charge': (_tollgate_billing_v1_Charge__Output | null);
  'reason': (string);
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * The charge that this entry refunds or adjusts; the hold that it opens, extends or ends.
   */
  'chargeId': (string);
  'holdId': (string);
  'spentTodayDeltaNanousd': (string);
  /**
   * SHA-256 over this entry and the hash of the one before it.
   */
  'hash': (Buffer);
  /**
   * Name of the token that asked for it; `tollgate` for what the service does by itself, such as settling an expired stream.
   * Empty = an earlier release wrote it, or the server ran without tokens.
   */
  'actor': (string);
}
