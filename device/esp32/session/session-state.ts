import { reconnectDelayMs } from "./backoff.ts";

/** The life of the one connection. `failures` counts attempts since the server last acknowledged anything. */
export type SessionState =
  | { readonly kind: "offline"; readonly failures: number }
  | { readonly kind: "discovering"; readonly failures: number }
  /** The server wants a token that it takes: one is being got. */
  | { readonly kind: "enrolling"; readonly failures: number }
  | { readonly kind: "connecting"; readonly failures: number }
  | { readonly kind: "online"; readonly failures: number }
  | { readonly kind: "waiting"; readonly failures: number };

export type SessionInput =
  | { readonly kind: "network"; readonly online: boolean }
  | { readonly kind: "discovered" }
  /** By discovery, or by the server's answer to something else. */
  | { readonly kind: "refused" }
  /** What is open is to be opened anew. */
  | { readonly kind: "reconnect" }
  | { readonly kind: "enrolment_over" }
  | { readonly kind: "failed" }
  | { readonly kind: "welcomed" }
  | { readonly kind: "acknowledged" }
  | { readonly kind: "closed" }
  | { readonly kind: "waited" };

export type SessionEffect =
  | { readonly kind: "discover" }
  | { readonly kind: "enrol" }
  | { readonly kind: "connect" }
  | { readonly kind: "disconnect" }
  | { readonly kind: "wait"; readonly delayMs: number }
  | { readonly kind: "up" };

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** `uniform` in [0, 1) is drawn for the one place that waits. */
export function stepSession(
  state: SessionState,
  input: SessionInput,
  uniform: number,
): SessionStep {
  if (input.kind === "network") return stepNetwork(state, input.online);
  switch (state.kind) {
    case "offline":
      return stay(state);
    case "discovering":
      if (input.kind === "discovered") {
        return go({ kind: "connecting", failures: state.failures }, { kind: "connect" });
      }
      if (input.kind === "refused") {
        return go({ kind: "enrolling", failures: state.failures }, { kind: "enrol" });
      }
      return input.kind === "failed" ? backOff(state.failures, uniform) : stay(state);
    case "enrolling":
      return input.kind === "enrolment_over" ? backOff(state.failures, uniform) : stay(state);
    case "connecting":
      if (input.kind === "welcomed")
        return go({ kind: "online", failures: state.failures }, { kind: "up" });
      // A broker passes on what it has kept before it answers the subscription.
      if (input.kind === "reconnect") return openAnew(state.failures, uniform);
      return input.kind === "closed" ? backOff(state.failures, uniform) : stay(state);
    case "online":
      if (input.kind === "acknowledged") return stay({ kind: "online", failures: 0 });
      if (input.kind === "refused" || input.kind === "reconnect") {
        return openAnew(state.failures, uniform);
      }
      return input.kind === "closed" ? backOff(state.failures, uniform) : stay(state);
    case "waiting":
      return input.kind === "waited" ? discover(state.failures) : stay(state);
  }
}

function stepNetwork(state: SessionState, online: boolean): SessionStep {
  if (online) return state.kind === "offline" ? discover(state.failures) : stay(state);
  if (state.kind === "offline") return stay(state);
  return go({ kind: "offline", failures: 0 }, { kind: "disconnect" });
}

function backOff(failures: number, uniform: number): SessionStep {
  const delayMs = reconnectDelayMs(failures, uniform);
  return go({ kind: "waiting", failures: failures + 1 }, { kind: "wait", delayMs });
}

function openAnew(failures: number, uniform: number): SessionStep {
  const { state, effects } = backOff(failures, uniform);
  return { state, effects: [{ kind: "disconnect" }, ...effects] };
}

function discover(failures: number): SessionStep {
  return go({ kind: "discovering", failures }, { kind: "discover" });
}

function go(state: SessionState, effect: SessionEffect): SessionStep {
  return { state, effects: [effect] };
}

function stay(state: SessionState): SessionStep {
  return { state, effects: [] };
}
