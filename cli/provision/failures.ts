import { IMPROV_ERROR } from "../../protocol/improv-rpc.ts";
import { EXIT } from "../failure.ts";
import { type Failed, failed } from "../outcome.ts";
import type { LineEnd } from "../serial/serial-line.ts";
import type { ImprovAnswer } from "./improv-line.ts";

export function noAnswer(path: string): Failed {
  const message = `nobody answers at ${path}`;
  const hint = "the port of the feeder, and a release build: a debug build keeps UART0 for xsbug";
  return failed("no_answer", message, hint, EXIT.timedOut);
}

export function lineEnded(why: LineEnd): Failed {
  const hint = "plug the cable in again, and start over: what was not joined was not kept";
  return failed("port_unplugged", `the line was ${why}`, hint, EXIT.failed);
}

/** `doing`: what the feeder was asked to do. */
export function refused(answer: ImprovAnswer, doing: string): Failed {
  if (answer.kind === "none" && answer.why !== "silence") return lineEnded(answer.why);
  if (answer.kind === "error" && answer.code === IMPROV_ERROR.updateOnTrial) {
    const message = "the feeder keeps its server while it tries an update";
    const later = "start over in five minutes, or leave --server out for another network alone";
    return failed("update_on_trial", message, later, EXIT.failed);
  }
  const isLate = answer.kind === "none";
  const hint = "start over; a firmware of before takes no server and no name over its cable";
  return isLate
    ? failed("no_answer", `the feeder did not ${doing} in time`, hint, EXIT.timedOut)
    : failed("feeder_refused", `the feeder does not ${doing}`, hint, EXIT.failed);
}

/** `reason`: as the feeder's log has it (JoinFailure in its ports.ts). */
export function cannotJoin(ssid: string, reason: string | undefined): Failed {
  switch (reason) {
    case "wrong_password":
      return failed(
        "wrong_password",
        `${ssid} does not take this password`,
        "type it as the router has it: capitals count",
        EXIT.failed,
      );
    case "network_not_found":
      return failed(
        "network_not_found",
        `the feeder does not hear ${ssid}`,
        "bring it nearer; it hears 2.4 GHz networks only, and no hidden ones here",
        EXIT.notFound,
      );
    case "no_address":
      return failed(
        "no_address",
        `${ssid} let the feeder in and gave it no address`,
        "see the router's DHCP: a list of known devices, or no address left",
        EXIT.failed,
      );
    default:
      return failed(
        "join_timeout",
        `${ssid} could not be joined in time`,
        "bring the feeder nearer, and try again",
        EXIT.timedOut,
      );
  }
}
