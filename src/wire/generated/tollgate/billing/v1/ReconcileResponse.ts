// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Discrepancy as _tollgate_billing_v1_Discrepancy, Discrepancy__Output as _tollgate_billing_v1_Discrepancy__Output } from '../../../tollgate/billing/v1/Discrepancy';
import type { Long } from '@grpc/proto-loader';

export interface ReconcileResponse {
  /**
   * Users whose ledgers were walked to their ends.
   */
  'usersChecked'?: (number | string | Long);
  'entriesChecked'?: (number | string | Long);
  'discrepancies'?: (_tollgate_billing_v1_Discrepancy)[];
  /**
   * A ledger that is too long for one page goes on in the next one.
   */
  'nextPageToken'?: (string);
  /**
   * How many users there are in all, about where they are more than a million; only in a first page.
   */
  'usersTotal'?: (number | string | Long);
}

export interface ReconcileResponse__Output {
  /**
   * Users whose ledgers were walked to their ends.
   */
  'usersChecked': (string);
  'entriesChecked': (string);
  'discrepancies': (_tollgate_billing_v1_Discrepancy__Output)[];
  /**
   * A ledger that is too long for one page goes on in the next one.
   */
  'nextPageToken': (string);
  /**
   * How many users there are in all, about where they are more than a million; only in a first page.
   */
  'usersTotal': (string);
}
