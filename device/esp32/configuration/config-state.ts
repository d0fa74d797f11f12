import type { CheckedSettings } from "../../../protocol/check-settings.ts";
import type { ConfigFailure, ConfigReport } from "../../../protocol/config-messages.ts";
import type { DeviceSettings } from "../../../protocol/device-config.ts";
import { CONFIG_STARTS_MAX } from "../limits.ts";

/** Somebody else's names are kept and told. */
const NAME_CHARACTERS_MAX = 40;

export interface VersionedSettings {
  readonly version: number;
  readonly settings: DeviceSettings;
}

/** As it is on flash, whole: there is nothing else to remember. `good` is what the feeder goes back to. */
export type ConfigState =
  /** Version 0: nothing was ever set. */
  | { readonly kind: "confirmed"; readonly good: VersionedSettings }
  /** `starts`: how often the board was started with it. */
  | {
      readonly kind: "trial";
      readonly good: VersionedSettings;
      readonly trial: VersionedSettings;
      readonly starts: number;
    }
  | {
      readonly kind: "rejected" | "rolled_back";
      readonly good: VersionedSettings;
      readonly version: number;
      readonly reason: ConfigFailure;
      readonly detail: string | undefined;
    };

export type ConfigInput =
  | { readonly kind: "booted"; readonly crashed: boolean; readonly safeMode: boolean }
  | { readonly kind: "offered"; readonly version: number; readonly checked: CheckedSettings }
  /** A session opened. */
  | { readonly kind: "reached" }
  /** The time to reach the server is over. */
  | { readonly kind: "expired" };

/** In this order, once the state is on flash. */
export type ConfigEffect = "apply" | "tell" | "await_server" | "reconnect";

export interface ConfigStep {
  readonly state: ConfigState;
  readonly effects: readonly ConfigEffect[];
}

export const NEVER_CONFIGURED: ConfigState = {
  kind: "confirmed",
  good: { version: 0, settings: {} },
};

export function stepConfig(state: ConfigState, input: ConfigInput): ConfigStep {
  switch (input.kind) {
    case "booted":
      return state.kind === "trial" ? bootTrial(state, input) : { state, effects: ["apply"] };
    case "offered":
      return takeOffer(state, input);
    case "reached":
      return state.kind === "trial"
        ? { state: { kind: "confirmed", good: state.trial }, effects: ["tell"] }
        : { state, effects: [] };
    case "expired":
      return state.kind === "trial"
        ? rollBack(state, "server_unreachable")
        : { state, effects: [] };
  }
}

type Trial = Extract<ConfigState, { kind: "trial" }>;

/** A power cut is nobody's fault, but a board that is cut off again and again must come to an end of it. */
function bootTrial(
  state: Trial,
  { crashed, safeMode }: Extract<ConfigInput, { kind: "booted" }>,
): ConfigStep {
  if (safeMode) return rollBack(state, "safe_mode");
  if (crashed) return rollBack(state, "crash");
  const starts = state.starts + 1;
  if (starts > CONFIG_STARTS_MAX) return rollBack(state, "restarts");
  return { state: { ...state, starts }, effects: ["apply", "await_server"] };
}

/** A trial is brought to its end first: the server says again what is wanted. */
function takeOffer(
  state: ConfigState,
  { version, checked }: Extract<ConfigInput, { kind: "offered" }>,
): ConfigStep {
  if (state.kind === "trial" || version <= newestOf(state)) return { state, effects: [] };
  const { good } = state;
  if (checked.kind === "wrong") {
    const [{ setting = "", message = "" } = {}] = checked.mistakes;
    const detail = `${setting.slice(0, NAME_CHARACTERS_MAX)}: ${message}`;
    const rejected = { kind: "rejected", reason: "invalid_settings" } as const;
    return { state: { ...rejected, good, version, detail }, effects: ["tell"] };
  }
  const trial = { version, settings: checked.settings };
  return {
    state: { kind: "trial", good, trial, starts: 0 },
    effects: ["apply", "tell", "await_server", "reconnect"],
  };
}

function rollBack({ good, trial }: Trial, reason: ConfigFailure): ConfigStep {
  const { version } = trial;
  return {
    state: { kind: "rolled_back", good, version, reason, detail: undefined },
    effects: ["apply", "tell"],
  };
}

/** What is in effect. */
export function activeIn(state: ConfigState): VersionedSettings {
  return state.kind === "trial" ? state.trial : state.good;
}

function newestOf(state: ConfigState): number {
  return "version" in state ? state.version : activeIn(state).version;
}

export function reportOf(state: ConfigState): ConfigReport {
  const { version } = activeIn(state);
  const latest = newestOf(state);
  switch (state.kind) {
    case "confirmed":
      return { status: "applied", version, latest };
    case "trial":
      return { status: "trial", version, latest };
    default: {
      const { kind: status, reason, detail } = state;
      return { status, version, latest, reason, ...(detail === undefined ? {} : { detail }) };
    }
  }
}
