import type { Socket } from "node:net";

const EVERY_MS = 20;

/** A peer that always says a little more: each byte keeps a time-out for silence from ever coming. */
export function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write("X"), EVERY_MS);
  socket.on("close", () => clearInterval(timer));
}
