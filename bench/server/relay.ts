import { once } from "node:events";
import { WebSocket } from "ws";
import type { BenchRow } from "../rows.ts";
import { median } from "../rows.ts";
import { startChild } from "./child.ts";
import type { StartedServer } from "./fleet.ts";
import { interleave } from "./load.ts";
import { ROUNDS, SECONDS } from "./run-length.ts";

/** Sent and not yet delivered to everybody: keeps the relay busy and its buffers short. */
const IN_FLIGHT = 64;
/** As long as an event of a visit. */
const MESSAGE = JSON.stringify({
  type: "telemetry",
  payload: { weight_g: 18.4, text: "x".repeat(140) },
});

interface Relay {
  readonly feederUrl: string;
  readonly viewerUrl: string;
}

/** One feeder's messages to one viewer, and to a hundred. */
export async function measureRelay(): Promise<BenchRow[]> {
  await using ours = await startChild<StartedServer>("our-server.ts");
  await using alone = await startChild<Relay>("ws-relay.ts");
  const relay = await joinOurs(ours.started);
  const rows: BenchRow[] = [];
  for (const viewers of [1, 100]) {
    const measured = await interleave(
      ROUNDS,
      () => deliver(relay, viewers),
      () => deliver(alone.started, viewers),
    );
    const value = median(measured.ours);
    const ratio = value / median(measured.peer);
    const of = "ws with the same parse, stamp and serialise";
    rows.push({ name: `relay.1to${viewers}`, value, unit: "messages/s", of, ratio });
  }
  return rows;
}

async function joinOurs({ url, tokens }: StartedServer): Promise<Relay> {
  const headers = { Authorization: `Bearer ${tokens["feeder-1"]}` };
  const discovered = await (await fetch(`${url}/v1/discovery/feeder-1`, { headers })).json();
  const feederUrl: string = discovered.signal_ws;
  // A client of the first stack's kind sits in the feeder's room with the same token.
  return { feederUrl, viewerUrl: feederUrl };
}

/** Delivered messages a second, over all viewers. */
async function deliver({ feederUrl, viewerUrl }: Relay, viewerCount: number): Promise<number> {
  const viewers = await Promise.all(Array.from({ length: viewerCount }, () => open(viewerUrl)));
  const feeder = await open(feederUrl);
  let delivered = 0;
  let sent = 0;
  const top = (): void => {
    while (sent - delivered / viewerCount < IN_FLIGHT) {
      feeder.send(MESSAGE);
      sent += 1;
    }
  };
  for (const viewer of viewers) {
    viewer.on("message", () => {
      delivered += 1;
      if (delivered % viewerCount === 0) top();
    });
  }
  const startedMs = performance.now();
  top();
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  const rate = delivered / ((performance.now() - startedMs) / 1000);
  await Promise.all([feeder, ...viewers].map(close));
  return rate;
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

async function close(socket: WebSocket): Promise<void> {
  socket.removeAllListeners("message");
  const closed = once(socket, "close");
  socket.close();
  await closed;
}
