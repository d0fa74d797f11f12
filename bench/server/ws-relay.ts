/** A relay on `ws` alone with the work ours does for a message: parse, check, stamp, serialise once, send to the others. */
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
let order = 0;

sockets.on("connection", (socket) => {
  socket.on("message", (data) => {
    const message: unknown = JSON.parse(data.toString());
    if (typeof message !== "object" || message === null || !("type" in message)) return;
    order += 1;
    const stamp = { deviceId: "feeder-1", ts: Date.now(), eventId: `bench-${order}` };
    const text = JSON.stringify({ ...message, ...stamp });
    for (const other of sockets.clients) if (other !== socket) other.send(text);
  });
});
sockets.on("listening", () => {
  const { port } = sockets.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}`;
  process.send?.({ feederUrl: url, viewerUrl: url });
});
process.on("SIGTERM", () => process.exit());
