// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface PutAliasRequest {
  'alias'?: (string);
  /**
   * Empty removes the alias.
   */
  'model'?: (string);
}

export interface PutAliasRequest__Output {
  'alias': (string);
  /**
   * Empty removes the alias.
   */
  'model': (string);
}
