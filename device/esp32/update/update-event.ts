import type { UpdateEventPayload } from "../../../protocol/update-messages.ts";
import type { UpdateState } from "./update-state.ts";

/** What the room hears of a state; undefined for ends, which are told with their reasons. */
export function eventOf(state: UpdateState, ownVersion: string): UpdateEventPayload | undefined {
  switch (state.kind) {
    case "offered":
    case "verified":
    case "staged":
    case "restarting": {
      const { version, elfSha256, sequence } = state.release;
      return { status: state.kind, version, elfSha256, sequence };
    }
    case "downloading": {
      const { version, elfSha256, sequence, sizeBytes } = state.release;
      const { fileOffsetBytes } = state;
      return { status: "downloading", version, elfSha256, sequence, fileOffsetBytes, sizeBytes };
    }
    case "pending":
      return { status: state.kind, version: ownVersion };
    default:
      return undefined;
  }
}
