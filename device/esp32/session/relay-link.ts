import { parseServerMessage } from "../../../protocol/room-messages.ts";
import type { WebSockets } from "../session-ports.ts";
import type { Link, LinkEvents } from "./link.ts";

/** By the server's own rooms: what is sent is the room's message as it is. */
export function openRelayLink(
  webSockets: WebSockets,
  { url, connectTimeoutMs }: { readonly url: string; readonly connectTimeoutMs: number },
  events: LinkEvents,
): Link {
  const socket = webSockets.open(url, connectTimeoutMs, {
    opened: () => {},
    message: (text) => {
      const message = parseServerMessage(text);
      if (message !== undefined) events.message(message);
    },
    closed: (reason) => events.closed(reason),
  });
  return {
    send: (event) => socket.send(JSON.stringify(event)),
    close: () => socket.close(),
  };
}
