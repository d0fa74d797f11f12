/** RFC 9457 problem details. `code` is stable: clients branch on it, texts may change. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  /** Ids of the devices it is about. */
  readonly devices?: readonly string[];
}

/** Every refusal the server gives, with its HTTP status. Codes are never renamed or reused. */
export const PROBLEM_STATUS = {
  invalid_json: 400,
  invalid_request: 400,
  invalid_device_id: 400,
  invalid_date: 400,
  invalid_key: 400,
  invalid_range: 416,
  token_missing: 401,
  token_invalid: 401,
  token_expired: 401,
  token_revoked: 401,
  password_wrong: 401,
  authorization_pending: 400,
  expired_token: 400,
  access_denied: 403,
  upload_token_invalid: 403,
  upload_token_expired: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  object_exists: 409,
  version_taken: 409,
  name_taken: 409,
  image_does_not_fit: 409,
  device_offline: 409,
  release_unsuitable: 409,
  config_changed: 412,
  release_blocked: 410,
  request_timeout: 408,
  length_required: 411,
  length_mismatch: 400,
  body_too_large: 413,
  unsupported_media_type: 415,
  sha256_mismatch: 422,
  image_invalid: 422,
  image_merged: 422,
  image_corrupt: 422,
  invalid_version: 422,
  invalid_settings: 422,
  too_many_tries: 429,
  header_too_large: 431,
  fault_injected: 500,
  internal: 500,
  shutting_down: 503,
  not_ready: 503,
  signing_key_missing: 503,
  store_unavailable: 503,
  storage_full: 507,
} as const satisfies Record<string, number>;

export type ProblemCode = keyof typeof PROBLEM_STATUS;
