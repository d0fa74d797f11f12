import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import type { JoinFailure, JoinResult } from "../ports.ts";

/** What somebody typed into the page. */
export interface Submission {
  readonly wifi: WifiCredentials;
  readonly serverUrl: string;
  /** Empty: the feeder has none. */
  readonly name: string;
}

/** What the server's discovery said. */
export type ServerVerdict = "ready" | "wants_approval" | "no_answer" | "no_server";

/** Of what was typed. */
export type FieldProblem = "no_name" | "bad_name" | "bad_password" | "bad_server" | "long_name";

/** Stable: the page has words for each. */
export type PortalProblem =
  | FieldProblem
  | JoinFailure
  | "no_answer"
  | "no_server"
  | "no_code"
  | "denied";

export type PortalState =
  | { readonly kind: "form"; readonly problem: PortalProblem | undefined }
  | { readonly kind: "looking"; readonly problem: PortalProblem | undefined }
  | { readonly kind: "joining" }
  | { readonly kind: "asking" }
  /** The server wants an operator's word; undefined until it has made a code. */
  | { readonly kind: "waiting"; readonly claimCode: string | undefined }
  | { readonly kind: "online" };

export type PortalInput =
  | { readonly kind: "look" }
  | { readonly kind: "heard" }
  | { readonly kind: "submitted"; readonly problem: FieldProblem | undefined }
  | { readonly kind: "joined"; readonly result: JoinResult }
  | { readonly kind: "answered"; readonly verdict: ServerVerdict }
  /** Undefined: whoever was asked has said no. */
  | { readonly kind: "shown"; readonly claimCode: string | undefined }
  /** The code was approved, or has expired, or there was none: the server says which. */
  | { readonly kind: "enrolled" };

export type PortalEffect = "scan" | "join" | "ask" | "enrol" | "leave";

export interface PortalStep {
  readonly state: PortalState;
  readonly effect: PortalEffect | undefined;
}

export const FIRST_STATE: PortalState = { kind: "form", problem: undefined };

/** What comes at a time it is not meant for changes nothing. */
export function stepPortal(state: PortalState, input: PortalInput): PortalStep {
  switch (input.kind) {
    case "look":
      return state.kind === "form" ? go({ ...state, kind: "looking" }, "scan") : go(state);
    case "heard":
      return go(state.kind === "looking" ? { ...state, kind: "form" } : state);
    case "submitted":
      return state.kind === "form" ? submitted(input.problem) : go(state);
    case "joined":
      return state.kind === "joining" ? joined(input.result) : go(state);
    case "answered":
      return state.kind === "asking" ? answered(input.verdict) : go(state);
    case "shown":
      return go(state.kind === "waiting" ? shown(input.claimCode) : state);
    case "enrolled":
      return state.kind === "waiting" ? enrolled(state.claimCode) : go(state);
  }
}

function submitted(problem: FieldProblem | undefined): PortalStep {
  return problem === undefined ? go({ kind: "joining" }, "join") : go({ kind: "form", problem });
}

function joined(result: JoinResult): PortalStep {
  if (result.kind === "failed") return go({ kind: "form", problem: result.reason });
  return go({ kind: "asking" }, "ask");
}

function answered(verdict: ServerVerdict): PortalStep {
  switch (verdict) {
    case "ready":
      return go({ kind: "online" }, "leave");
    case "wants_approval":
      return go({ kind: "waiting", claimCode: undefined }, "enrol");
    default:
      return go({ kind: "form", problem: verdict });
  }
}

function shown(claimCode: string | undefined): PortalState {
  if (claimCode === undefined) return { kind: "form", problem: "denied" };
  return { kind: "waiting", claimCode };
}

/** A server that made no code would make none at once either: it is asked again when somebody wants it. */
function enrolled(claimCode: string | undefined): PortalStep {
  if (claimCode === undefined) return go({ kind: "form", problem: "no_code" });
  return go({ kind: "asking" }, "ask");
}

function go(state: PortalState, effect?: PortalEffect): PortalStep {
  return { state, effect };
}
