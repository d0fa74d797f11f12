/** Improv via serial, version 1: what stands between the lines of a board that is being provisioned. */

const HEADER = new TextEncoder().encode("IMPROV\u0001");
/** Header, type and length; behind the data comes a checksum. */
const TYPE_AT = HEADER.length;
const DATA_AT = TYPE_AT + 2;

/** "no": the line is something else. */
export type ImprovStart = "no" | "perhaps" | "yes";

/** Of a line's first bytes. */
export function improvStart(line: Uint8Array, lengthBytes: number): ImprovStart {
  const compared = Math.min(lengthBytes, HEADER.length);
  for (let at = 0; at < compared; at++) if (line[at] !== HEADER[at]) return "no";
  return lengthBytes < HEADER.length ? "perhaps" : "yes";
}

/** All of the packet that a line starts with; undefined while its length has not come. */
export function packetBytes(line: Uint8Array, lengthBytes: number): number | undefined {
  if (lengthBytes < DATA_AT) return undefined;
  return DATA_AT + (line[DATA_AT - 1] as number) + 1;
}

export function isSound(packet: Uint8Array): boolean {
  const sum = packet.subarray(0, -1).reduce((total, byte) => total + byte, 0);
  return (sum & 0xff) === packet.at(-1);
}

/** A command may hold a password, also when it came broken. */
export function holdsCommand(packet: Uint8Array): boolean {
  return packet[TYPE_AT] === 3;
}

/** Behind the header: what is read as text when the packet was none. */
export function behindHeader(packet: Uint8Array): Uint8Array {
  return packet.slice(HEADER.length);
}

const STATES: Readonly<Record<number, string>> = {
  0: "stopped",
  1: "waits for a press",
  2: "ready for credentials",
  3: "tries the network",
  4: "provisioned",
};
const ERRORS: Readonly<Record<number, string>> = {
  0: "no error",
  1: "bad packet",
  2: "unknown command",
  3: "cannot join the network",
  5: "bad host name",
  255: "unknown error",
};
const COMMANDS: Readonly<Record<number, string>> = {
  1: "Wi-Fi credentials",
  2: "current state",
  3: "device information",
  4: "network scan",
  5: "host name",
  6: "device name",
  7: "network state",
};

/** What a packet is, and never what it holds: that may be a password. */
export function improvText(packet: Uint8Array): string {
  if (!isSound(packet)) return "Improv: a broken packet";
  const type = packet[TYPE_AT] as number;
  const first = packet.length > DATA_AT + 1 ? (packet[DATA_AT] as number) : -1;
  switch (type) {
    case 1:
      return `Improv: ${STATES[first] ?? `state ${first}`}`;
    case 2:
      return `Improv: ${ERRORS[first] ?? `error ${first}`}`;
    case 3:
      return `Improv: asks for ${COMMANDS[first] ?? `command ${first}`}`;
    case 4:
      return `Improv: answers ${COMMANDS[first] ?? `command ${first}`}`;
    default:
      return `Improv: a packet of type ${type}`;
  }
}
