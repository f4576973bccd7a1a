// Original file: proto/tollgate/billing/v1/budget_service.proto


/**
 * Everything that is set must hold. Empty = every charge of the user.
 */
export interface BudgetMatch {
  'apiKeyIds'?: (string)[];
  'labels'?: ({[key: string]: string});
  /**
   * Globs on the priced model.
   */
  'models'?: (string)[];
  'providers'?: (string)[];
}

/**
 * Everything that is set must hold. Empty = every charge of the user.
 */
export interface BudgetMatch__Output {
  'apiKeyIds': (string)[];
  'labels': ({[key: string]: string});
  /**
   * Globs on the priced model.
   */
  'models': (string)[];
  'providers': (string)[];
}
