// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';
import type { Long } from '@grpc/proto-loader';

/**
 * The end of a user's hash chain.
 */
export interface LedgerHead {
  'userId'?: (string);
  /**
   * Number of the last entry. Entries have no gaps, so it is also how many there are; 0 = none.
   */
  'version'?: (number | string | Long);
  /**
   * SHA-256 of the last entry, and through it of all before.
   */
  'hash'?: (Buffer | Uint8Array | string);
  /**
   * When the last entry was posted.
   */
  'at'?: (_google_protobuf_Timestamp | null);
}

/**
 * The end of a user's hash chain.
 */
export interface LedgerHead__Output {
  'userId': (string);
  /**
   * Number of the last entry. Entries have no gaps, so it is also how many there are; 0 = none.
   */
  'version': (string);
  /**
   * SHA-256 of the last entry, and through it of all before.
   */
  'hash': (Buffer);
  /**
   * When the last entry was posted.
   */
  'at': (_google_protobuf_Timestamp__Output | null);
}
