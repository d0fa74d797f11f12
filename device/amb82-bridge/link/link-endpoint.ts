import { CobsDecoder, cobsBytesMax, cobsEncode } from "./cobs.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_CRC_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_BYTES_MAX,
  FRAME_TYPE,
  type FrameType,
  frameAck,
  frameSequence,
  frameType,
  isFrameType,
  isIntact,
  sealFrame,
} from "./frame.ts";
import { decodeHello, encodeLinkMessage, type Hello, type LinkMessage } from "./link-messages.ts";

/** A full frame takes 91 ms at 115200 baud and its acknowledgement up to two polls of 10 ms. */
const RETRANSMIT_MS = 300;
/** An acknowledgement that still asks for the frame in flight means it was corrupted, unless it crossed it. */
const REPEAT_AFTER_MS = 20;
/** Either side may be deaf while it boots, and a hello or its answer may be lost. */
const HELLO_EVERY_MS = 500;
const CONTROL_QUEUE_MAX = 4;
const SEQUENCE_MASK = 0xffff;

export interface LinkWire {
  /** Queues the first `lengthBytes`; answers how many were taken. */
  write(bytes: Uint8Array, lengthBytes: number): number;
}

export interface LinkEvents {
  /** The other side has started anew: both count from zero, and what was in flight is forgotten. */
  peerStarted(hello: Hello): void;
  /** A message in order, `frame[start, end)`; the bytes are valid during the call only. */
  received(type: FrameType, frame: Uint8Array, start: number, end: number): void;
  /** Puts the next bulk payload at `into[start]`, at most `bytesMax`; answers its length, 0 for none. */
  nextData(into: Uint8Array, start: number, bytesMax: number): number;
}

interface Control {
  readonly type: FrameType;
  readonly message: LinkMessage;
}

/**
 * One end of the camera link: whole, in order, once. One frame is in flight; it is sent again until acknowledged or
 * until the caller gives up on a silent line. Time is an argument; buffers are allocated once.
 */
export class LinkEndpoint {
  readonly #wire: LinkWire;
  readonly #events: LinkEvents;
  readonly #firmware: string;
  readonly #decoder = new CobsDecoder(FRAME_BYTES_MAX);
  readonly #frame = new Uint8Array(FRAME_BYTES_MAX);
  readonly #loose = new Uint8Array(FRAME_HEADER_BYTES + 256 + FRAME_CRC_BYTES);
  readonly #out = new Uint8Array(cobsBytesMax(FRAME_BYTES_MAX));
  readonly #control: Control[] = [];
  #outLength = 0;
  #inFlightType: FrameType | undefined;
  #inFlightPayload = 0;
  #sentAtMs = 0;
  #resendDue = false;
  #ackDue = false;
  #helloDue: "none" | "call" | "answer" = "none";
  #sequence = 0;
  #expected = 0;
  #bootId = "";
  #peerBootId = "";
  #heardAtMs = 0;
  #calledAtMs = Number.NEGATIVE_INFINITY;

  constructor(wire: LinkWire, events: LinkEvents, firmware: string) {
    this.#wire = wire;
    this.#events = events;
    this.#firmware = firmware;
  }

  /** When the last intact frame arrived. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  get connected(): boolean {
    return this.#peerBootId !== "";
  }

  /** Nothing waits to be sent or acknowledged. */
  get idle(): boolean {
    return this.#inFlightType === undefined && this.#control.length === 0 && this.#outLength === 0;
  }

  /**
   * Starts anew under a `bootId` not used before: says hello until the other side answers, which then forgets what it
   * knew of us.
   */
  open(bootId: string): void {
    this.#bootId = bootId;
    this.#outLength = 0;
    this.#calledAtMs = Number.NEGATIVE_INFINITY;
    this.#meet("");
  }

  /** False when too much is waiting already: nothing was queued. */
  send(type: FrameType, message: LinkMessage): boolean {
    if (this.#control.length === CONTROL_QUEUE_MAX) return false;
    this.#control.push({ type, message });
    return true;
  }

  receive(bytes: Uint8Array, lengthBytes: number, nowMs: number): void {
    for (let at = 0; at < lengthBytes; at++) {
      const step = this.#decoder.push(bytes[at] as number);
      if (step === "frame") this.#take(this.#decoder.frame, this.#decoder.frameLength, nowMs);
      else if (step === "noise") this.#askAgain();
    }
  }

  /** Sends what is due. Call after each receive, and at least every RETRANSMIT_MS while anything is in flight. */
  poll(nowMs: number): void {
    if (!this.connected && nowMs - this.#calledAtMs >= HELLO_EVERY_MS) {
      this.#calledAtMs = nowMs;
      this.#helloDue = "call";
    }
    if (this.#inFlightType !== undefined && nowMs - this.#sentAtMs >= RETRANSMIT_MS) {
      this.#resendDue = true;
    }
    while (this.#drained() && this.#loadNext(nowMs)) {
      // Each turn encodes one frame; the wire's own buffer bounds how many fit.
    }
  }

  #take(frame: Uint8Array, lengthBytes: number, nowMs: number): void {
    const type = isIntact(frame, lengthBytes) ? frameType(frame) : 0;
    if (!isFrameType(type)) return this.#askAgain();
    this.#heardAtMs = nowMs;
    const end = lengthBytes - FRAME_CRC_BYTES;
    if (type === FRAME_TYPE.hello) return this.#greet(decodeHello(frame, FRAME_HEADER_BYTES, end));
    if (!this.connected) return;
    this.#acknowledged(frameAck(frame), type, nowMs);
    if (type === FRAME_TYPE.ack) return;
    this.#ackDue = true;
    if (frameSequence(frame) !== this.#expected) return;
    this.#expected = (this.#expected + 1) & SEQUENCE_MASK;
    this.#events.received(type, frame, FRAME_HEADER_BYTES, end);
  }

  #greet(hello: Hello | undefined): void {
    if (hello === undefined) return;
    if (!hello.answer) this.#helloDue = "answer";
    if (hello.bootId === this.#peerBootId) return;
    this.#meet(hello.bootId);
    this.#events.peerStarted(hello);
  }

  #meet(peerBootId: string): void {
    this.#peerBootId = peerBootId;
    this.#sequence = 0;
    this.#expected = 0;
    this.#inFlightType = undefined;
    this.#control.length = 0;
  }

  #acknowledged(ack: number, type: FrameType, nowMs: number): void {
    if (this.#inFlightType === undefined) return;
    if (ack === ((this.#sequence + 1) & SEQUENCE_MASK)) {
      this.#sequence = ack;
      this.#inFlightType = undefined;
      return;
    }
    const asksAgain = type === FRAME_TYPE.ack && ack === this.#sequence;
    if (asksAgain && nowMs - this.#sentAtMs >= REPEAT_AFTER_MS) this.#resendDue = true;
  }

  #askAgain(): void {
    if (this.connected) this.#ackDue = true;
  }

  #drained(): boolean {
    if (this.#outLength === 0) return true;
    const taken = this.#wire.write(this.#out, this.#outLength);
    this.#out.copyWithin(0, taken, this.#outLength);
    this.#outLength -= taken;
    return this.#outLength === 0;
  }

  #loadNext(nowMs: number): boolean {
    if (this.#helloDue !== "none") return this.#loadHello();
    if (this.#inFlightType === undefined && this.connected) this.#fillInFlight();
    if (this.#inFlightType !== undefined && this.#resendDue) return this.#loadInFlight(nowMs);
    if (!this.#ackDue) return false;
    return this.#load(this.#loose, FRAME_TYPE.ack, 0);
  }

  #loadHello(): boolean {
    const answer = this.#helloDue === "answer";
    this.#helloDue = "none";
    const message: Hello = {
      protocol: 1,
      firmware: this.#firmware,
      bootId: this.#bootId,
      answer,
    };
    const length = encodeLinkMessage(message, this.#loose, FRAME_HEADER_BYTES);
    return this.#load(this.#loose, FRAME_TYPE.hello, length);
  }

  #fillInFlight(): void {
    const control = this.#control.shift();
    if (control !== undefined) {
      this.#inFlightType = control.type;
      this.#inFlightPayload = encodeLinkMessage(control.message, this.#frame, FRAME_HEADER_BYTES);
      this.#resendDue = true;
      return;
    }
    const length = this.#events.nextData(this.#frame, FRAME_HEADER_BYTES, FRAME_PAYLOAD_BYTES_MAX);
    if (length === 0) return;
    this.#inFlightType = FRAME_TYPE.data;
    this.#inFlightPayload = length;
    this.#resendDue = true;
  }

  #loadInFlight(nowMs: number): boolean {
    this.#resendDue = false;
    this.#sentAtMs = nowMs;
    return this.#load(this.#frame, this.#inFlightType as FrameType, this.#inFlightPayload);
  }

  #load(frame: Uint8Array, type: FrameType, payloadBytes: number): boolean {
    this.#ackDue = false;
    const length = sealFrame(frame, type, this.#sequence, this.#expected, payloadBytes);
    this.#outLength = cobsEncode(frame, length, this.#out);
    return true;
  }
}
