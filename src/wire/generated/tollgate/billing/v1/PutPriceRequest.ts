// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { RateCard as _tollgate_billing_v1_RateCard, RateCard__Output as _tollgate_billing_v1_RateCard__Output } from '../../../tollgate/billing/v1/RateCard';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp';

export interface PutPriceRequest {
  'model'?: (string);
  'provider'?: (string);
  'rateCards'?: (_tollgate_billing_v1_RateCard)[];
  'effectiveFrom'?: (_google_protobuf_Timestamp | null);
  /**
   * Unset = the deployment's.
   */
  'markupBasisPoints'?: (number);
  '_markupBasisPoints'?: "markupBasisPoints";
}

export interface PutPriceRequest__Output {
  'model': (string);
  'provider': (string);
  'rateCards': (_tollgate_billing_v1_RateCard__Output)[];
  'effectiveFrom': (_google_protobuf_Timestamp__Output | null);
  /**
   * Unset = the deployment's.
   */
  'markupBasisPoints'?: (number);
  '_markupBasisPoints'?: "markupBasisPoints";
}
