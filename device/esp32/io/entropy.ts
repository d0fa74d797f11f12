import type { Entropy } from "../ports.ts";

/** XS draws Math.random from the ESP32's hardware generator, which has entropy once the radio is on. */
export const boardEntropy: Entropy = { uniform: () => Math.random() };
