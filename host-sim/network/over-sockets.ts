import type { ServerPort } from "./internet.ts";

/**
 * The server behind real sockets, for real time only: the order in which they answer is the operating system's. What a
 * feeder sends to the server's public address is taken to its local one, which this machine surely reaches.
 */
export function overSockets(publicUrl: string, localUrl: string): ServerPort {
  const locally = localRoute(new URL(publicUrl), new URL(localUrl));
  return {
    // A feeder's client follows no redirects.
    request: ({ url, ...request }) => fetch(locally(url), { ...request, redirect: "manual" }),
    connect(url, peer) {
      const socket = new WebSocket(locally(url));
      socket.onopen = () => peer.opened();
      socket.onmessage = ({ data }) => peer.message(String(data));
      socket.onclose = ({ reason }) => peer.closed(reason || "closed");
      return {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        close: () => socket.close(),
      };
    },
  };
}

function localRoute(publicUrl: URL, localUrl: URL): (url: string) => string {
  const prefix = publicUrl.pathname.replace(/\/$/, "");
  return (text) => {
    const url = new URL(text);
    if (url.hostname !== publicUrl.hostname || portOf(url) !== portOf(publicUrl)) return text;
    url.protocol = url.protocol.replace("s:", ":");
    url.host = localUrl.host;
    if (url.pathname.startsWith(prefix)) url.pathname = url.pathname.slice(prefix.length);
    return url.href;
  };
}

function portOf({ port, protocol }: URL): string {
  return port || (/^(https|wss):$/.test(protocol) ? "443" : "80");
}
