import { POWER_CYCLES } from "../limits.ts";
import type { ResetReason } from "../ports.ts";

/** One boot has one Wi-Fi stack: the feeder's, or the portal's with a network of its own. */
export type BootMode =
  | { readonly kind: "feeder" }
  | { readonly kind: "portal"; readonly why: PortalReason };

export type PortalReason = "not_set_up" | "power_cycles" | "press";

export interface BootFacts {
  readonly resetReason: ResetReason;
  /** It knows a network and a server. */
  readonly isSetUp: boolean;
  /** The running image has yet to show that it can be updated. */
  readonly isOnTrial: boolean;
  /** A press of the button restarted the board. */
  readonly wasPressed: boolean;
  /** Before this one, none of them up for long. */
  readonly powerOns: number;
}

export interface BootPlan {
  readonly mode: BootMode;
  /** This one with it: only power that comes counts, whatever else restarts a board is no gesture. */
  readonly powerOns: number;
}

/**
 * An image on trial runs as a feeder whatever was asked for: in the portal it would show nothing, and the next restart
 * would take it back. Where it has no network its trial fails, and the image before it opens the portal.
 */
export function planBoot(facts: BootFacts): BootPlan {
  const isPowerOn = facts.resetReason === "power_on";
  const powerOns = Math.min(facts.powerOns + (isPowerOn ? 1 : 0), POWER_CYCLES);
  const why = facts.isOnTrial ? undefined : whyPortal(facts, isPowerOn ? powerOns : 0);
  return { mode: why === undefined ? { kind: "feeder" } : { kind: "portal", why }, powerOns };
}

function whyPortal(facts: BootFacts, powerOns: number): PortalReason | undefined {
  if (facts.wasPressed) return "press";
  if (powerOns >= POWER_CYCLES) return "power_cycles";
  return facts.isSetUp ? undefined : "not_set_up";
}
