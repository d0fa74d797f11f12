/** Improv via serial, version 1: what stands between the lines of a board that is being provisioned. */
import {
  IMPROV_DATA_AT,
  IMPROV_HEADER,
  IMPROV_TYPE,
  improvChecksum,
} from "../../protocol/improv-packet.ts";
import { IMPROV_COMMAND, IMPROV_ERROR, IMPROV_STATE } from "../../protocol/improv-rpc.ts";

const TYPE_AT = IMPROV_HEADER.length;

/** "no": the line is something else. */
export type ImprovStart = "no" | "perhaps" | "yes";

/** Of a line's first bytes. */
export function improvStart(line: Uint8Array, lengthBytes: number): ImprovStart {
  const compared = Math.min(lengthBytes, IMPROV_HEADER.length);
  for (let at = 0; at < compared; at++) if (line[at] !== IMPROV_HEADER[at]) return "no";
  return lengthBytes < IMPROV_HEADER.length ? "perhaps" : "yes";
}

/** All of the packet that a line starts with; undefined while its length has not come. */
export function packetBytes(line: Uint8Array, lengthBytes: number): number | undefined {
  if (lengthBytes < IMPROV_DATA_AT) return undefined;
  return IMPROV_DATA_AT + (line[IMPROV_DATA_AT - 1] as number) + 1;
}

export function isSound(packet: Uint8Array): boolean {
  return improvChecksum(packet, 0, packet.length - 1) === packet.at(-1);
}

/** A command may hold a password, also when it came broken. */
export function holdsCommand(packet: Uint8Array): boolean {
  return packet[TYPE_AT] === IMPROV_TYPE.rpc;
}

/** Behind the header: what is read as text when the packet was none. */
export function behindHeader(packet: Uint8Array): Uint8Array {
  return packet.slice(IMPROV_HEADER.length);
}

/** 0 and 1 are other devices': ours is never stopped and has no button for it. */
const STATES: Readonly<Record<number, string>> = {
  0: "stopped",
  1: "waits for a press",
  [IMPROV_STATE.ready]: "ready for credentials",
  [IMPROV_STATE.provisioning]: "tries the network",
  [IMPROV_STATE.provisioned]: "provisioned",
};
const ERRORS: Readonly<Record<number, string>> = {
  [IMPROV_ERROR.none]: "no error",
  [IMPROV_ERROR.invalidRpc]: "bad packet",
  [IMPROV_ERROR.unknownCommand]: "unknown command",
  [IMPROV_ERROR.unableToConnect]: "cannot join the network",
  [IMPROV_ERROR.badHostname]: "bad host name",
  [IMPROV_ERROR.unknown]: "unknown error",
  [IMPROV_ERROR.updateOnTrial]: "an update is on trial",
};
const COMMANDS: Readonly<Record<number, string>> = {
  [IMPROV_COMMAND.wifi]: "Wi-Fi credentials",
  [IMPROV_COMMAND.state]: "current state",
  [IMPROV_COMMAND.info]: "device information",
  [IMPROV_COMMAND.scan]: "network scan",
  [IMPROV_COMMAND.hostname]: "host name",
  [IMPROV_COMMAND.deviceName]: "device name",
  [IMPROV_COMMAND.networkState]: "network state",
  [IMPROV_COMMAND.serverUrl]: "server",
};

/** What a packet is, and never what it holds: that may be a password. */
export function improvText(packet: Uint8Array): string {
  if (!isSound(packet)) return "Improv: a broken packet";
  const type = packet[TYPE_AT] as number;
  const first = packet.length > IMPROV_DATA_AT + 1 ? (packet[IMPROV_DATA_AT] as number) : -1;
  switch (type) {
    case IMPROV_TYPE.state:
      return `Improv: ${STATES[first] ?? `state ${first}`}`;
    case IMPROV_TYPE.error:
      return `Improv: ${ERRORS[first] ?? `error ${first}`}`;
    case IMPROV_TYPE.rpc:
      return `Improv: asks for ${COMMANDS[first] ?? `command ${first}`}`;
    case IMPROV_TYPE.result:
      return `Improv: answers ${COMMANDS[first] ?? `command ${first}`}`;
    default:
      return `Improv: a packet of type ${type}`;
  }
}
