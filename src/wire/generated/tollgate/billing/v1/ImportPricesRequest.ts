// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface ImportPricesRequest {
  /**
   * One of: openrouter, litellm.
   */
  'format'?: (string);
  'json'?: (string);
  /**
   * Import as operator prices instead of stored ones.
   */
  'asOperator'?: (boolean);
}

export interface ImportPricesRequest__Output {
  /**
   * One of: openrouter, litellm.
   */
  'format': (string);
  'json': (string);
  /**
   * Import as operator prices instead of stored ones.
   */
  'asOperator': (boolean);
}
