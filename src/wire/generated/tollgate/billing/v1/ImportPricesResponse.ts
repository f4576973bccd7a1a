// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { Long } from '@grpc/proto-loader';

export interface ImportPricesResponse {
  'read'?: (number | string | Long);
  'changed'?: (number | string | Long);
  'unchanged'?: (number | string | Long);
  'heldBack'?: (number | string | Long);
  'rejected'?: (number | string | Long);
  /**
   * Why entries were rejected, one line each, at most 100.
   */
  'rejections'?: (string)[];
  /**
   * Price fields that were not read, by name, with the number of imported prices that have them.
   */
  'unreadPriceFields'?: ({[key: string]: number | string | Long});
}

export interface ImportPricesResponse__Output {
  'read': (string);
  'changed': (string);
  'unchanged': (string);
  'heldBack': (string);
  'rejected': (string);
  /**
   * Why entries were rejected, one line each, at most 100.
   */
  'rejections': (string)[];
  /**
   * Price fields that were not read, by name, with the number of imported prices that have them.
   */
  'unreadPriceFields': ({[key: string]: string});
}
