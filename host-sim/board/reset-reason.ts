/** esp_reset_reason_t */
export const RESET_REASONS = {
  powerOn: 1,
  software: 3,
  panic: 4,
  watchdog: 6,
  deepSleep: 8,
  brownout: 9,
} as const;

export type ResetReason = keyof typeof RESET_REASONS;
