import { BulkReceiver, type BulkSink } from "./bulk-receiver.ts";
import { BulkSender, type BulkSource, WINDOW_MAX } from "./bulk-sender.ts";
import { ControlReceiver } from "./control-receiver.ts";
import { ControlSender } from "./control-sender.ts";
import {
  BULK,
  type Channel,
  CONTROL,
  FRAME_BYTES_MAX,
  FRAME_CRC_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  frameAck,
  frameChannel,
  frameCredit,
  frameSack,
  frameSequence,
  frameType,
  isNumbered,
  type MessageType,
  messageType,
  stampAcknowledgement,
  wireBytesMax,
  writeFrameStart,
} from "./frame.ts";
import type { FrameWire } from "./frame-wire.ts";
import { HelloExchange, type LinkIdentity, NOBODY, type Peer } from "./hello-exchange.ts";
import { decodeRecord, type Hello, type LinkMessage } from "./link-messages.ts";
import { RateLink } from "./rate-link.ts";
import { RoundTrip } from "./round-trip.ts";

/** Kept free of bulk in the receive buffer: a control frame of full size, and some acknowledgements. */
const CONTROL_RESERVE_BYTES = wireBytesMax(FRAME_BYTES_MAX) + 64;

export interface LinkEvents extends BulkSource, BulkSink {
  /** The other side has started anew: what was said before is forgotten. */
  peerStarted(hello: Hello): void;
  /** A control message, once and in order. */
  received(type: MessageType, record: Record<string, unknown>): void;
  /** How many bytes of bulk can be taken now, beyond those delivered already. */
  roomBytes(): number;
}

/**
 * One end of the camera link (docs/link.md): control messages and bulk, whole, in order, once. Time is an argument;
 * buffers are allocated once, and let go with it.
 */
export class LinkEndpoint {
  readonly #wire: FrameWire;
  readonly #events: LinkEvents;
  readonly #identity: LinkIdentity;
  readonly #in = new Uint8Array(FRAME_BYTES_MAX);
  readonly #out = new Uint8Array(FRAME_BYTES_MAX);
  readonly #controlTrip = new RoundTrip();
  readonly #bulkTrip = new RoundTrip();
  readonly #control = new ControlSender(this.#controlTrip);
  readonly #controlIn = new ControlReceiver();
  readonly #bulk: BulkSender;
  readonly #bulkIn: BulkReceiver;
  readonly #hello: HelloExchange;
  readonly #rate: RateLink;
  #composedBytes = 0;
  #ackDue = [false, false];
  #peer = NOBODY;
  #peerCreditBytes = 0;
  #grantedBytes = 0;
  #heardAtMs = 0;
  #pingedAtMs = Number.NEGATIVE_INFINITY;

  constructor(wire: FrameWire, events: LinkEvents, identity: LinkIdentity) {
    this.#wire = wire;
    this.#events = events;
    this.#identity = identity;
    this.#bulk = new BulkSender(events, this.#bulkTrip);
    this.#bulkIn = new BulkReceiver(WINDOW_MAX, events);
    this.#hello = new HelloExchange(identity);
    this.#rate = new RateLink(wire, identity.bauds, identity.leadsRate);
  }

  /** When the last intact frame arrived. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  get connected(): boolean {
    return this.#peer !== NOBODY;
  }

  /** Nothing waits to be sent or acknowledged. */
  get idle(): boolean {
    return this.#control.idle && !this.#bulk.inFlight && this.#composedBytes === 0;
  }

  /** Something is due that the wire did not take: poll again when it has room. */
  get blocked(): boolean {
    return this.#composedBytes > 0;
  }

  get bitsPerSecond(): number {
    return this.#rate.bitsPerSecond;
  }

  /**
   * Starts anew under a `bootId` not used before: says hello until the other side answers, which then forgets what it
   * knew of us.
   */
  open(bootId: string): void {
    this.#hello.open(bootId);
    this.meet(NOBODY, []);
  }

  /** False when too much is waiting already: nothing was queued. */
  send(type: MessageType, message: LinkMessage): boolean {
    return this.#control.push(type, message);
  }

  /** Takes what has arrived and sends what is due. */
  poll(nowMs: number): void {
    for (;;) {
      const lengthBytes = this.#wire.receive(this.#in);
      if (lengthBytes === 0) break;
      this.take(lengthBytes - FRAME_CRC_BYTES, nowMs);
    }
    this.tick(nowMs);
    for (;;) {
      if (this.#composedBytes === 0) this.#composedBytes = this.compose(nowMs);
      if (this.#composedBytes === 0 || !this.#wire.send(this.#out, this.#composedBytes)) return;
      this.#composedBytes = 0;
    }
  }

  /** When something will be due without anything arriving; what waits for the wire is `blocked`. */
  nextDueMs(): number {
    const helloMs = this.connected ? Number.POSITIVE_INFINITY : this.#hello.nextCallMs();
    const rateMs = this.#rate.nextDueMs(this.waitingSinceMs(), this.#heardAtMs);
    if (this.#rate.negotiating) return Math.min(helloMs, rateMs);
    const pingMs = this.bulkWaits() ? this.#pingedAtMs + this.#bulkTrip.timeoutMs : Infinity;
    const sendersMs = Math.min(this.#control.nextDueMs(), this.#bulk.nextDueMs());
    return Math.min(helloMs, rateMs, pingMs, sendersMs);
  }

  private take(end: number, nowMs: number): void {
    const type = frameType(this.#in);
    const channel = frameChannel(this.#in);
    if (channel === undefined) return;
    this.#heardAtMs = nowMs;
    if (type === FRAME_TYPE.hello) return this.greet(end);
    if (!this.connected) return;
    if (this.#rate.take(this.#in, end, this.quiet(), nowMs)) return;
    this.#peerCreditBytes = frameCredit(this.#in);
    if (channel === CONTROL) this.#control.acknowledged(frameAck(this.#in), nowMs);
    else this.#bulk.acknowledged(frameAck(this.#in), frameSack(this.#in), nowMs);
    if (type === FRAME_TYPE.ping || isNumbered(type)) this.#ackDue[channel] = true;
    if (isNumbered(type)) this.takeNumbered(type, channel, end);
  }

  private takeNumbered(type: number, channel: Channel, end: number): void {
    const sequence = frameSequence(this.#in);
    if (channel === BULK) {
      // A later protocol's bulk is acknowledged and says nothing to us.
      const start = type === FRAME_TYPE.data ? FRAME_HEADER_BYTES : end;
      return this.#bulkIn.take(sequence, this.#in, start, end);
    }
    const message = this.#controlIn.take(sequence, this.#in, FRAME_HEADER_BYTES, end);
    const name = messageType(type);
    if (message === undefined || name === undefined) return;
    const record = decodeRecord(message, 0, message.length);
    if (record !== undefined) this.#events.received(name, record);
  }

  private greet(end: number): void {
    const hello = this.#hello.take(this.#in, end);
    if (hello === undefined || hello.bootId === this.#peer.bootId) return;
    this.meet(this.#hello.peerOf(hello), hello.bauds);
    this.#peerCreditBytes = frameCredit(this.#in);
    this.#events.peerStarted(hello);
  }

  private meet(peer: Peer, bauds: readonly number[]): void {
    this.#peer = peer;
    this.#composedBytes = 0;
    this.#ackDue = [false, false];
    this.#control.reset();
    this.#controlIn.reset();
    this.#bulk.reset();
    this.#bulkIn.reset();
    this.#controlTrip.reset();
    this.#bulkTrip.reset();
    this.#rate.reset(bauds);
    this.#peerCreditBytes = 0;
    this.#grantedBytes = 0;
  }

  private tick(nowMs: number): void {
    if (!this.connected && nowMs >= this.#hello.nextCallMs()) this.#hello.call(nowMs);
    const rateBefore = this.#rate.bitsPerSecond;
    this.#rate.tick(this.waitingSinceMs(), this.#heardAtMs, this.connected && this.quiet(), nowMs);
    if (this.#rate.bitsPerSecond !== rateBefore) {
      this.#controlTrip.reset();
      this.#bulkTrip.reset();
    }
    this.#bulk.tick(nowMs);
    // A grant that had no room for a frame has one again: the other end may be waiting for just this.
    if (
      this.connected &&
      this.#grantedBytes < FRAME_BYTES_MAX &&
      this.creditBytes() >= FRAME_BYTES_MAX
    ) {
      this.#ackDue[BULK] = true;
    }
  }

  /** Puts the next frame into #out; answers its length, 0 when nothing is due. */
  private compose(nowMs: number): number {
    // Neither acknowledges anything to the end that reads it.
    if (this.#hello.isDue) return this.stamp(CONTROL, this.#hello.compose(this.#out));
    const rateBytes = this.#rate.compose(this.#out);
    if (rateBytes > 0) return this.stamp(CONTROL, rateBytes);
    if (!this.connected || this.#rate.silent) return 0;
    if (!this.#rate.negotiating) {
      const lengthBytes = this.composeNumbered(nowMs);
      if (lengthBytes > 0) return lengthBytes;
    }
    if (this.#ackDue[CONTROL]) return this.composeEmpty(FRAME_TYPE.ack, CONTROL);
    if (this.#ackDue[BULK]) return this.composeEmpty(FRAME_TYPE.ack, BULK);
    return 0;
  }

  private composeNumbered(nowMs: number): number {
    const { payloadBytesMax, window, bufferBytes } = this.#peer;
    if (this.#control.isDue(nowMs)) {
      const allowance = bufferBytes - this.#bulk.inFlightCost;
      const lengthBytes = this.#control.compose(this.#out, payloadBytesMax, allowance, nowMs);
      if (lengthBytes > 0) return this.acknowledge(CONTROL, lengthBytes);
    }
    const allowance = Math.min(this.#peerCreditBytes, bufferBytes - this.#control.inFlightCost);
    const lengthBytes = this.#bulk.compose(this.#out, payloadBytesMax, window, allowance, nowMs);
    if (lengthBytes > 0) return this.acknowledge(BULK, lengthBytes);
    if (!this.bulkWaits() || nowMs - this.#pingedAtMs < this.#bulkTrip.timeoutMs) return 0;
    this.#pingedAtMs = nowMs;
    return this.composeEmpty(FRAME_TYPE.ping, BULK);
  }

  private composeEmpty(type: number, channel: Channel): number {
    writeFrameStart(this.#out, type, channel, 0, false);
    return this.acknowledge(channel, FRAME_HEADER_BYTES);
  }

  private acknowledge(channel: Channel, lengthBytes: number): number {
    this.#ackDue[channel] = false;
    return this.stamp(channel, lengthBytes);
  }

  private stamp(channel: Channel, lengthBytes: number): number {
    this.#grantedBytes = this.creditBytes();
    const ack = channel === CONTROL ? this.#controlIn.expected : this.#bulkIn.expected;
    const sack = channel === CONTROL ? 0 : this.#bulkIn.sack;
    stampAcknowledgement(this.#out, sack, ack, this.#grantedBytes);
    return lengthBytes;
  }

  private creditBytes(): number {
    const { bufferBytes } = this.#identity;
    const share =
      bufferBytes > 2 * CONTROL_RESERVE_BYTES ? bufferBytes - CONTROL_RESERVE_BYTES : bufferBytes;
    const roomBytes = Math.max(0, this.#events.roomBytes() - this.#bulkIn.earlyBytes);
    return Math.min(share, roomBytes, 0xffff);
  }

  /** Bulk has something to say and may not say it, and nothing in flight will bring credit. */
  private bulkWaits(): boolean {
    return this.connected && !this.#bulk.inFlight && this.#bulk.hasMore;
  }

  private quiet(): boolean {
    return !this.#control.inFlight && !this.#bulk.inFlight && this.#composedBytes === 0;
  }

  private waitingSinceMs(): number {
    const controlMs = this.#control.waitingSinceMs ?? Number.POSITIVE_INFINITY;
    return Math.min(controlMs, this.#bulk.waitingSinceMs ?? Number.POSITIVE_INFINITY);
  }
}
