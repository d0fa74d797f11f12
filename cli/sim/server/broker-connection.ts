import {
  encodePacket,
  PACKET,
  type Packet,
  PacketBody,
  PacketStream,
  prefixed,
  twoBytes,
} from "../../../host-sim/embedded/mqtt-packets.ts";
import type { SocketPeer } from "../../../host-sim/network/internet.ts";
import { fromOctets, toOctets } from "../../../host-sim/network/octets.ts";
import type { Principal } from "../../../server-min/identity/principal.ts";
import { mayPublish, maySubscribe, sessionOwner } from "../../../server-min/mqtt/access.ts";
import { type Publication, sessionId } from "../../../server-min/mqtt/sessions.ts";
import type { WorldBroker } from "./world-broker.ts";

const BAD_CREDENTIALS = 4;
const REFUSED = 0x80;
const PACKET_ID_MAX = 0xffff;
const FLAG = { will: 0x04, password: 0x40, user: 0x80 } as const;

interface Login {
  readonly principal: Principal;
  readonly sessionId: string;
  readonly will: { readonly topic: string; readonly payload: Uint8Array } | undefined;
}

/** One client of the broker, from CONNECT to its end; MQTT 3.1.1 as far as feeders speak it. */
export class BrokerConnection {
  readonly #broker: WorldBroker;
  readonly #peer: SocketPeer;
  readonly #stream = new PacketStream();
  #login: Login | undefined;
  #packetId = 0;
  #heardAtMs = 0;
  #isOver = false;
  /** Packets are answered in the order in which they came. */
  #turn: Promise<void> = Promise.resolve();

  constructor(broker: WorldBroker, peer: SocketPeer) {
    this.#broker = broker;
    this.#peer = peer;
  }

  receive(octets: string): Promise<void> {
    this.#heardAtMs = this.#broker.clock.nowMs();
    for (const packet of this.#stream.push(fromOctets(octets))) {
      this.#turn = this.#turn.then(() => this.#handle(packet));
    }
    return this.#turn;
  }

  /** It said no word of farewell, so its will is said. */
  async end(reason: string): Promise<void> {
    if (this.#isOver) return;
    this.cut(reason);
    const { principal, will, sessionId: id } = this.#login ?? {};
    this.#broker.ended(this, id ?? "");
    if (will === undefined || principal === undefined || !mayPublish(principal, will.topic)) return;
    await this.#broker.take(will.topic, will.payload);
  }

  cut(reason = "broken"): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#peer.closed(reason);
  }

  deliver({ topic, payload, ...publication }: Publication, qos: 0 | 1): void {
    if (this.#login === undefined) return;
    this.#packetId = (this.#packetId % PACKET_ID_MAX) + 1;
    const messageId = this.#packetId;
    const number = qos === 0 ? [] : [twoBytes(messageId)];
    if (qos === 1) {
      const sent = { ...publication, topic, payload, messageId };
      this.#broker.sessions.sending(this.#login.sessionId, sent);
    }
    this.#send(PACKET.publish, qos << 1, prefixed(Buffer.from(topic)), ...number, payload);
  }

  async #handle({ type, flags, body: bytes }: Packet): Promise<void> {
    const body = new PacketBody(bytes);
    const login = this.#login;
    if (this.#isOver) return;
    if (login === undefined) {
      return type === PACKET.connect ? this.#connect(body) : this.end("no CONNECT");
    }
    switch (type) {
      case PACKET.publish:
        return this.#take(login, flags, body);
      case PACKET.puback:
        return this.#settle(login, body.number());
      case PACKET.subscribe:
        return this.#subscribe(login, body);
      case PACKET.pingreq:
        return this.#send(PACKET.pingresp, 0);
      default:
        return this.end(`packet ${type}`);
    }
  }

  async #connect(body: PacketBody): Promise<void> {
    body.string();
    body.byte();
    const flags = body.byte();
    const silenceMaxMs = body.number() * 1_500;
    const text = (): string => Buffer.from(body.string()).toString();
    const clientId = text();
    const will = (flags & FLAG.will) === 0 ? undefined : { topic: text(), payload: body.string() };
    const user = (flags & FLAG.user) === 0 ? undefined : text();
    const password = (flags & FLAG.password) === 0 ? undefined : text();
    const principal = await this.#broker.authenticate(user, password);
    if (this.#isOver) return;
    if (principal === undefined) {
      this.#broker.refused();
      this.#send(PACKET.connack, 0, Uint8Array.of(0, BAD_CREDENTIALS));
      return this.end("refused");
    }
    const id = sessionId(sessionOwner(principal, password), clientId);
    await this.#broker.loggedIn(this, id);
    const isKnown = (await this.#broker.sessions.resume(id)).length > 0;
    this.#login = { principal, sessionId: id, will };
    this.#send(PACKET.connack, 0, Uint8Array.of(isKnown ? 1 : 0, 0));
    if (silenceMaxMs > 0) this.#watch(silenceMaxMs);
    for (const waiting of await this.#broker.sessions.waiting(id)) this.deliver(waiting, 1);
  }

  /** [MQTT-3.1.2-24]: one and a half times the keep-alive without a packet is the end. */
  #watch(silenceMaxMs: number): void {
    const { clock } = this.#broker;
    const leftMs = this.#heardAtMs + silenceMaxMs - clock.nowMs();
    if (leftMs <= 0) return this.#broker.hangUp(this, "keep-alive");
    clock.after(leftMs, () => {
      if (!this.#isOver) this.#watch(silenceMaxMs);
    });
  }

  async #subscribe({ principal, sessionId: id }: Login, body: PacketBody): Promise<void> {
    const number = body.take(2);
    const answers: number[] = [];
    while (body.left > 0) {
      const topic = Buffer.from(body.string()).toString();
      const qos = body.byte() === 0 ? 0 : 1;
      const isGranted = maySubscribe(principal, topic);
      if (isGranted) await this.#broker.sessions.subscribe(id, [{ topic, qos }]);
      else this.#broker.refused();
      answers.push(isGranted ? qos : REFUSED);
    }
    this.#send(PACKET.suback, 0, number, Uint8Array.from(answers));
  }

  /** Acknowledged when the mirror has it. */
  async #take({ principal }: Login, flags: number, body: PacketBody): Promise<void> {
    const topic = Buffer.from(body.string()).toString();
    const number = (flags & 6) === 0 ? undefined : body.take(2);
    if (!mayPublish(principal, topic)) {
      this.#broker.refused();
      return this.end(`not allowed: ${topic}`);
    }
    await this.#broker.take(topic, body.take(body.left));
    if (number !== undefined) this.#send(PACKET.puback, 0, number);
  }

  async #settle({ sessionId: id }: Login, messageId: number): Promise<void> {
    // Which one it is the number alone says.
    const nothing = { brokerId: "", brokerCounter: 0, topic: "", payload: Buffer.alloc(0) };
    await this.#broker.sessions.settle(id, { ...nothing, messageId });
  }

  #send(type: number, flags: number, ...parts: readonly Uint8Array[]): void {
    if (!this.#isOver) this.#peer.message(toOctets(encodePacket(type, flags, ...parts)));
  }
}
