import type { ServerPort } from "./internet.ts";

/** The server behind real sockets, for real time only: the order in which they answer is the operating system's. */
export const overSockets: ServerPort = {
  request: (request) => fetch(request),
  connect(url, peer) {
    const socket = new WebSocket(url);
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
