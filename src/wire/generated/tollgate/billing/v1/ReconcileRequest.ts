// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ReconcileRequest {
  /**
   * Empty = every user, a page at a time.
   */
  'userId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ReconcileRequest__Output {
  /**
   * Empty = every user, a page at a time.
   */
  'userId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
