// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ReconcileRequest {
  /**
   * Empty = every user, a page at a time.
   */
  'userId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
  /**
   * From where the periodic job last proved each ledger, where it did; otherwise from the first entries.
   */
  'fromCheckpoints'?: (boolean);
}

export interface ReconcileRequest__Output {
  /**
   * Empty = every user, a page at a time.
   */
  'userId': (string);
  'pageSize': (number);
  'pageToken': (string);
  /**
   * From where the periodic job last proved each ledger, where it did; otherwise from the first entries.
   */
  'fromCheckpoints': (boolean);
}
