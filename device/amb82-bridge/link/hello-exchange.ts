import { DATA_PREFIX_BYTES, WINDOW_MAX } from "./bulk-sender.ts";
import {
  CONTROL,
  FRAME_CRC_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  wireBytesMax,
  writeFrameStart,
} from "./frame.ts";
import { asciiJson, decodeRecord, type Hello, parseHello } from "./link-messages.ts";

/** A data frame of one byte. */
const PAYLOAD_BYTES_MIN = DATA_PREFIX_BYTES + 1;
/** Either side may be deaf while it boots, and a hello or its answer may be lost. */
const HELLO_EVERY_MS = 500;

export interface LinkIdentity {
  readonly firmware: string;
  /** Asked at each hello: a camera is given a network while it is awake. */
  capabilities(): readonly string[];
  /** The rates of this end's UART; the end that leads proposes the highest common one. */
  readonly bauds: readonly number[];
  readonly leadsRate: boolean;
  /** Of the receive buffer. */
  readonly bufferBytes: number;
  readonly frameBytesMax: number;
}

/** What the other end's hello allows. */
export interface Peer {
  readonly bootId: string;
  readonly payloadBytesMax: number;
  readonly window: number;
  readonly bufferBytes: number;
}

export const NOBODY: Peer = { bootId: "", payloadBytesMax: 0, window: 1, bufferBytes: 0 };

/** Says hello until the other end has answered, and answers its hellos. */
export class HelloExchange {
  readonly #identity: LinkIdentity;
  #bootId = "";
  #due: "none" | "call" | "answer" = "none";
  #calledAtMs = Number.NEGATIVE_INFINITY;

  constructor(identity: LinkIdentity) {
    this.#identity = identity;
  }

  get isDue(): boolean {
    return this.#due !== "none";
  }

  open(bootId: string): void {
    this.#bootId = bootId;
    this.#due = "none";
    this.#calledAtMs = Number.NEGATIVE_INFINITY;
  }

  nextCallMs(): number {
    return this.#calledAtMs + HELLO_EVERY_MS;
  }

  call(nowMs: number): void {
    this.#calledAtMs = nowMs;
    this.#due = "call";
  }

  /** Undefined for what is no hello of this protocol, or of an end that could not take the smallest frame. */
  take(frame: Uint8Array, end: number): Hello | undefined {
    const hello = parseHello(decodeRecord(frame, FRAME_HEADER_BYTES, end) ?? {});
    if (hello === undefined || this.peerOf(hello).payloadBytesMax < PAYLOAD_BYTES_MIN) {
      return undefined;
    }
    if (!hello.answer) this.#due = "answer";
    return hello;
  }

  peerOf({ bootId, maxFrame, window, buffer }: Hello): Peer {
    let frameBytes = Math.min(maxFrame, this.#identity.frameBytesMax);
    // A frame that costs more than the buffer holds could never be sent.
    while (wireBytesMax(frameBytes) > buffer) frameBytes--;
    return {
      bootId,
      payloadBytesMax: frameBytes - FRAME_HEADER_BYTES - FRAME_CRC_BYTES,
      window: Math.min(window, WINDOW_MAX),
      bufferBytes: buffer,
    };
  }

  /** Writes the hello that is due; answers its length. */
  compose(frame: Uint8Array): number {
    const { firmware, capabilities, bauds, bufferBytes, frameBytesMax } = this.#identity;
    const hello: Hello = {
      protocol: 1,
      firmware,
      capabilities: capabilities(),
      bootId: this.#bootId,
      maxFrame: frameBytesMax,
      window: WINDOW_MAX,
      buffer: bufferBytes,
      // A copy: a preloaded list is in flash, and XS serialises nothing that is.
      bauds: [...bauds],
      answer: this.#due === "answer",
    };
    this.#due = "none";
    const text = asciiJson(hello);
    for (let at = 0; at < text.length; at++) frame[FRAME_HEADER_BYTES + at] = text.charCodeAt(at);
    writeFrameStart(frame, FRAME_TYPE.hello, CONTROL, 0, false);
    return FRAME_HEADER_BYTES + text.length;
  }
}
