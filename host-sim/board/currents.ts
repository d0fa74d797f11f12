import type { CameraPhase } from "../peers/camera.ts";
import type { Currents } from "./energy-meter.ts";

/**
 * An AMB82-Mini. Nobody has published a measurement of one: every figure is an assumption, and docs/power.md says what
 * it rests on.
 */
export const CAMERA_CURRENTS: Currents<CameraPhase> = {
  mA: {
    asleep: 0.5,
    booting: 150,
    /** Awake without work. It draws as much as work does, so it is booked apart: there should be none. */
    idle: 180,
    still: 180,
    clip: 180,
    transfer: 180,
    join: 250,
    upload: 250,
  },
  resting: ["asleep"],
};

/** `alone`: runs without Wi-Fi. The last three are bursts, within whatever else it does. */
export type FeederPhase =
  | "off"
  | "booting"
  | "alone"
  | "joining"
  | "associated"
  | "asleep"
  | "sending"
  | "receiving"
  | "flash";

/**
 * An ESP32-WROOM-32 on a development board, whose linear regulator takes from 5 V what the chip takes at 3.3 V. What
 * each figure rests on is in docs/power.md.
 */
export const FEEDER_CURRENTS: Currents<FeederPhase> = {
  mA: {
    off: 0,
    booting: 50,
    alone: 30,
    joining: 120,
    /** Modem sleep. */
    associated: 30,
    /** The regulator and the USB bridge; the chip itself 0.01. */
    asleep: 5,
    sending: 240,
    receiving: 100,
    flash: 50,
  },
  resting: ["off", "asleep"],
};

/** Everything but deep sleep, at the current with Wi-Fi on: what the energy budget of a visit is reckoned with. */
const BUDGET_MA = 250;

export function cameraBudgetMAh(awakeSeconds: number): number {
  return (awakeSeconds * BUDGET_MA) / 3600;
}
