// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { SpendField as _tollgate_billing_v1_SpendField, SpendField__Output as _tollgate_billing_v1_SpendField__Output } from '../../../tollgate/billing/v1/SpendField';

export interface SpendDimension {
  'field'?: (_tollgate_billing_v1_SpendField);
  /**
   * Only with SPEND_FIELD_LABEL.
   */
  'label'?: (string);
}

export interface SpendDimension__Output {
  'field': (_tollgate_billing_v1_SpendField__Output);
  /**
   * Only with SPEND_FIELD_LABEL.
   */
  'label': (string);
}
