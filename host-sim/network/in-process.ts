import type { ServerPort, ServerSocket, SocketPeer } from "./internet.ts";

/** What the world needs of a server that runs inside it. */
export interface InProcessServer {
  fetch(request: Request): Response | Promise<Response>;
  /** Undefined for a server without a broker. */
  acceptMqtt?(peer: SocketPeer): ServerSocket;
  readonly rooms: {
    join(
      token: string,
      peer: { send(text: string): void; close(code: number, reason: string): void },
    ):
      | { readonly kind: "joined"; readonly member: RoomMember }
      | { readonly kind: "refused"; readonly reason: string };
  };
}

interface RoomMember {
  receive(text: string): void;
  leave(): void;
}

/** The server without sockets: requests by fetch, WebSockets by the rooms themselves, MQTT by its broker. */
export function inProcess(server: InProcessServer): ServerPort {
  return {
    request: async ({ url, ...request }) => server.fetch(new Request(url, request)),
    connect: (url, peer) =>
      url.startsWith("mqtt:") ? joinBroker(server, peer) : joinRoom(server, url, peer),
  };
}

function joinBroker(server: InProcessServer, peer: SocketPeer): ServerSocket {
  if (server.acceptMqtt !== undefined) return server.acceptMqtt(peer);
  peer.closed("refused");
  return { send: () => {}, close: () => {} };
}

function joinRoom(server: InProcessServer, url: string, peer: SocketPeer): ServerSocket {
  const token = new URL(url).searchParams.get("token") ?? "";
  peer.opened();
  const joining = server.rooms.join(token, {
    send: (text) => peer.message(text),
    close: (_code, reason) => peer.closed(reason),
  });
  if (joining.kind === "refused") {
    peer.closed(joining.reason);
    return { send: () => {}, close: () => {} };
  }
  const { member } = joining;
  return { send: (text) => member.receive(text), close: () => member.leave() };
}
