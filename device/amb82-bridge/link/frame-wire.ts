/** What carries frames to the other end: C on the boards, FrameDecoder on a host. Nothing here ever blocks. */
export interface FrameWire {
  /**
   * Takes a frame's header and payload, `frame[0, lengthBytes)`; the wire adds CRC, COBS and delimiters. False while
   * the one before has not left: nothing was taken.
   */
  send(frame: Uint8Array, lengthBytes: number): boolean;
  /** Copies the next intact frame, header to CRC; answers its length, 0 when none is complete. */
  receive(into: Uint8Array): number;
  /** Everything taken has left the transmitter. */
  sent(): boolean;
  setRate(bitsPerSecond: number): void;
  /** How many runs of bytes were no intact frame, since the wire was opened. */
  noise(): number;
}
