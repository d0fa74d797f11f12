/** How the first SkyFeeder board is wired; docs/hardware.md has the table. */
export const PINS = {
  presence: 27,
  wakeCamera: 16,
  cameraTx: 23,
  /** 34 is an input-only pad, which a receive line may be. */
  cameraRx: 34,
  scaleData: 32,
  scaleClock: 33,
  statusLed: 2,
  consoleTx: 1,
  consoleRx: 3,
  /** The button that every board has; held at a start it is ESP-IDF's way into flashing. */
  button: 0,
} as const;

/** What is free of the converter that the radio leaves alone (ADC1). */
export const BATTERY_PINS: readonly number[] = [35, 36, 39];
