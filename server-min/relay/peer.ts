type Message = Readonly<Record<string, unknown>>;

/** Somebody who may not be here, or not any more (RFC 6455, 7.4.1). */
export const POLICY_VIOLATION = 1008;

/** The other end of a connection, whatever carries it. */
export interface Peer {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export function send(peer: Peer, message: Message): void {
  peer.send(JSON.stringify(message));
}

export function sendError(peer: Peer, message: string): void {
  send(peer, { type: "error", message });
}
