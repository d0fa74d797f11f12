import type { SequencedEvent, ServerMessage } from "../../../protocol/room-messages.ts";

/** The one connection, whichever way it goes. */
export interface Link {
  /** False when it could not be queued whole: the event was not sent. */
  send(event: SequencedEvent): boolean;
  /** Ends the connection; `closed` is still called. */
  close(): void;
}

export interface LinkEvents {
  /** From a broker, which says nothing of the time; the relay welcomes by a message. */
  welcomed(): void;
  message(message: ServerMessage): void;
  /** Exactly once, also when the connection never opened. */
  closed(reason: string): void;
}
