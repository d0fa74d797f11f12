/** The broker as the mirror uses it: the one in this server, or another one. */
export interface Broker {
  /** Whether it has passed on what a client published before the mirror is told. */
  readonly passesOn: boolean;
  /** Done when the broker has it; QoS 0 is for what is worth nothing later. */
  publish(topic: string, payload: string, how?: { retain?: boolean; qos?: 0 | 1 }): Promise<void>;
  counters(): BrokerCounters;
  close(): Promise<void>;
}

export interface BrokerCounters {
  /** Connected to the broker in this server, or this server's own connection to another one. */
  readonly clients: number;
  readonly received: number;
  readonly published: number;
  /** Not allowed, or unreadable. */
  readonly refused: number;
}

/** What a client may tell the mirror. */
export interface Inbox {
  take(topic: string, payload: Uint8Array): Promise<void>;
}
