/** What the session needs of the relay and of a broker; as ports.ts. */

export interface WebSocketEvents {
  opened(): void;
  /** One whole text message. */
  message(text: string): void;
  /** Exactly once, also when the connection never opened. */
  closed(reason: string): void;
}

export interface WebSocketConnection {
  /** False when it could not be queued whole: the message was not sent. */
  send(text: string): boolean;
  /** Ends the connection; `closed` is still called. */
  close(): void;
}

export interface WebSockets {
  /** `ws://` or `wss://`. No callback from inside this call. */
  open(url: string, connectTimeoutMs: number, events: WebSocketEvents): WebSocketConnection;
}

export interface MqttTarget {
  /** `mqtt://` or `mqtts://`. */
  readonly url: string;
  /** Of a session that outlives the connection: the broker keeps what comes meanwhile. */
  readonly clientId: string;
  readonly user: string;
  readonly password: string | undefined;
  /** What the broker says, retained, when the connection ends. */
  readonly will: { readonly topic: string; readonly text: string };
  /** Subscribed to with QoS 1. */
  readonly filter: string;
  readonly keepAliveMs: number;
  readonly connectTimeoutMs: number;
}

export interface MqttEvents {
  /** The broker has granted the subscription. */
  opened(): void;
  /** Also before `opened`: what the broker had kept. */
  message(topic: string, text: string): void;
  /**
   * Exactly once, also when the connection never opened. The SDK's client does not tell a refusal of the password from
   * any other end.
   */
  closed(reason: string): void;
}

export interface MqttConnection {
  /** With QoS 1. False when it could not be queued whole: the message was not sent. */
  publish(topic: string, text: string, how?: { readonly retain: true }): boolean;
  /** Ends the connection without a word, so that the will is said; `closed` is still called. */
  close(): void;
}

export interface Mqtt {
  /** No callback from inside this call. */
  open(target: MqttTarget, events: MqttEvents): MqttConnection;
}
