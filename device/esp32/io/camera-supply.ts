import Digital from "embedded:io/digital";
import type { CameraSupply } from "../ports.ts";

/** High is on: a load switch or a P-channel transistor behind an inverter. Undefined where no pin is configured. */
export function openCameraSupply(pin: number | undefined): CameraSupply | undefined {
  if (pin === undefined) return undefined;
  const line = new Digital({ pin, mode: Digital.Output, initialValue: 1 });
  return { set: (on) => line.write(on ? 1 : 0) };
}
