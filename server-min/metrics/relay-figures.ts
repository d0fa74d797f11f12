import { ALL_ROOMS } from "../identity/principal.ts";
import type { AppPorts } from "../ports.ts";

export function addRelayFigures({ metrics, rooms }: Pick<AppPorts, "metrics" | "rooms">): void {
  metrics.gauge("relay_viewers", "Connections that watch every room.", [], (gauge) => {
    const viewers = rooms.counters().rooms.find(({ deviceId }) => deviceId === ALL_ROOMS);
    gauge.set(viewers?.clients ?? 0);
  });
  metrics.gauge("relay_clients", "Connections to the relay, the viewers' too.", [], (gauge) =>
    gauge.set(rooms.counters().totalClients),
  );
  metrics.total("relay_messages_total", "Messages relayed.", () => rooms.counters().messageCount);
}
