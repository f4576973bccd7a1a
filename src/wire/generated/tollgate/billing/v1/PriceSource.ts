// Original file: proto/tollgate/billing/v1/types.proto

export const PriceSource = {
  PRICE_SOURCE_UNSPECIFIED: 'PRICE_SOURCE_UNSPECIFIED',
  /**
   * Set by an operator through PriceService; wins over every other source.
   */
  PRICE_SOURCE_OPERATOR: 'PRICE_SOURCE_OPERATOR',
  /**
   * Read from the live price feed.
   */
  PRICE_SOURCE_LIVE: 'PRICE_SOURCE_LIVE',
  /**
   * The last price that the feed gave, read back from the database.
   */
  PRICE_SOURCE_STORED: 'PRICE_SOURCE_STORED',
  /**
   * The catalog bundled with the service.
   */
  PRICE_SOURCE_CATALOG: 'PRICE_SOURCE_CATALOG',
  /**
   * The configured default for low-value models.
   */
  PRICE_SOURCE_DEFAULT: 'PRICE_SOURCE_DEFAULT',
  /**
   * A free model: every rate is zero.
   */
  PRICE_SOURCE_FREE: 'PRICE_SOURCE_FREE',
  /**
   * Only of charges: the model has no price, and the gateway stated what the call cost.
   */
  PRICE_SOURCE_REPORTED: 'PRICE_SOURCE_REPORTED',
} as const;

export type PriceSource =
  | 'PRICE_SOURCE_UNSPECIFIED'
  | 0
  /**
   * Set by an operator through PriceService; wins over every other source.
   */
  | 'PRICE_SOURCE_OPERATOR'
  | 1
  /**
   * Read from the live price feed.
   */
  | 'PRICE_SOURCE_LIVE'
  | 2
  /**
   * The last price that the feed gave, read back from the database.
   */
  | 'PRICE_SOURCE_STORED'
  | 3
  /**
   * The catalog bundled with the service.
   */
  | 'PRICE_SOURCE_CATALOG'
  | 4
  /**
   * The configured default for low-value models.
   */
  | 'PRICE_SOURCE_DEFAULT'
  | 5
  /**
   * A free model: every rate is zero.
   */
  | 'PRICE_SOURCE_FREE'
  | 6
  /**
   * Only of charges: the model has no price, and the gateway stated what the call cost.
   */
  | 'PRICE_SOURCE_REPORTED'
  | 7

export type PriceSource__Output = typeof PriceSource[keyof typeof PriceSource]
