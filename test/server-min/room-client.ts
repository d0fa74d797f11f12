import { EventEmitter, once } from "node:events";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { parseRecord } from "../../protocol/json.ts";
import { signRoomToken } from "../../server-min/relay/room-token.ts";

type Message = Readonly<Record<string, unknown>>;

interface SocketClient {
  readonly socket: WebSocket;
  /** Takes messages until one of this type, which is the last. */
  until(type: string): Promise<Message[]>;
  send(message: Message): void;
  leave(): Promise<void>;
}

/** Somebody in a room of a server on loopback, over a real socket. */
export async function joinRoom(
  server: { readonly url: string },
  access: Parameters<typeof signRoomToken>[1],
): Promise<SocketClient> {
  const lifetime = { nowMs: Date.now(), lifetimeSeconds: 3600 };
  return joinRoomWith(server, signRoomToken("dev-only", access, lifetime));
}

/** The same with a token that the server gave out. */
export async function joinRoomWith(
  { url }: { readonly url: string },
  token: string,
): Promise<SocketClient> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/v1/ws?token=${token}`);
  onTestFinished(() => socket.terminate());
  const inbox: Message[] = [];
  const arrivals = new EventEmitter();
  socket.on("message", (data) => {
    inbox.push(parseRecord(String(data)) ?? {});
    arrivals.emit("message");
  });
  const client: SocketClient = {
    socket,
    async until(type) {
      for (;;) {
        const found = inbox.findIndex((message) => message.type === type);
        if (found >= 0) return inbox.splice(0, found + 1);
        await once(arrivals, "message");
      }
    },
    send: (message) => socket.send(JSON.stringify(message)),
    async leave() {
      socket.close();
      await once(socket, "close");
    },
  };
  await client.until("system");
  return client;
}
