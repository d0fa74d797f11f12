import { encodeSubnegotiation } from "./telnet.ts";

/** RFC 2217, a serial port over Telnet: its option, and those without which bytes would not pass unchanged. */
export const OPTION = { binary: 0, suppressGoAhead: 3, comPort: 44 } as const;
export const OPTIONS: readonly number[] = Object.values(OPTION);

/** Of a client; an answer is the same and 100 more. */
export const COMMAND = {
  signature: 0,
  baudRate: 1,
  dataSize: 2,
  parity: 3,
  stopSize: 4,
  control: 5,
  lineStateMask: 10,
  modemStateMask: 11,
  purge: 12,
} as const;
export const ANSWER = 100;

export const CONTROL = { noFlowControl: 1, dtrOn: 8, dtrOff: 9, rtsOn: 11, rtsOff: 12 } as const;

/** Eight data bits, no parity, one stop bit. */
export const FRAMING: readonly (readonly [command: number, value: number])[] = [
  [COMMAND.dataSize, 8],
  [COMMAND.parity, 1],
  [COMMAND.stopSize, 1],
];

export function encodeCommand(command: number, body: readonly number[]): Uint8Array {
  return encodeSubnegotiation(OPTION.comPort, [command, ...body]);
}

export function baudBytes(bitsPerSecond: number): readonly number[] {
  return [24, 16, 8, 0].map((shift) => (bitsPerSecond >>> shift) & 0xff);
}

export function readBaud(body: readonly number[]): number {
  return body.slice(0, 4).reduce((baud, byte) => baud * 256 + byte, 0);
}
