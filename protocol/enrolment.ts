/** POST /v1/enrolment {deviceId}: a device that has no token asks to be let in (RFC 8628, 3.2). */
export interface EnrolmentAnswer {
  /** The device's secret; it polls with it. */
  readonly deviceCode: string;
  /** What the device shows and its operator types or compares. */
  readonly claimCode: string;
  /** Seconds; after them both codes are void and the device asks anew. */
  readonly expiresIn: number;
  /** Seconds between two polls. */
  readonly interval: number;
}

/** POST /v1/enrolment/token {deviceId, deviceCode}, once approved; and POST /v1/device-token, to renew. */
export interface TokenAnswer {
  /** Goes as `Authorization: Bearer` with every request of the device. */
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}
