import type { Rooms } from "../relay/rooms.ts";
import type { RoomSockets } from "../relay/websocket.ts";
import type { HttpListeners } from "./http-listeners.ts";

const GOING_AWAY = 1001;
/** For the close frames of WebSockets and the ends of downloads, which go on where they were cut. */
const IDLE_LIMIT_MS = 1_500;
/** An upload that is cut begins anew. */
const UPLOAD_LIMIT_MS = 10_000;

/** Takes nothing new, lets what is under way end within bounds, and then cuts it. */
export async function stopServing(server: {
  readonly listeners: HttpListeners;
  readonly rooms: Rooms;
  readonly sockets: RoomSockets;
  notice(text: string): void;
}): Promise<void> {
  const { listeners, rooms, sockets, notice } = server;
  const cutIdle = setTimeout(() => {
    sockets.terminateAll();
    listeners.cutIdle();
  }, IDLE_LIMIT_MS);
  const cutAll = setTimeout(() => listeners.cutAll(), UPLOAD_LIMIT_MS);
  rooms.closeAll(GOING_AWAY, "server_closing");
  const { underWay } = listeners;
  if (underWay > 0) notice(`Stopping when ${underWay} under way are done, in 10 s at most.`);
  await listeners.close();
  clearTimeout(cutIdle);
  clearTimeout(cutAll);
}
