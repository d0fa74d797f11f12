import fc from "fast-check";
import { expect, test } from "vitest";
import { addNearby } from "../../../device/esp32/io/nearby-networks.ts";
import { NEARBY_NETWORKS_MAX } from "../../../device/esp32/limits.ts";
import type { NearbyNetwork } from "../../../device/esp32/ports.ts";

const station = fc.record({
  ssid: fc.oneof(fc.constant(""), fc.integer({ min: 1, max: 40 }).map(String)),
  rssiDbm: fc.integer({ min: -95, max: -20 }),
  secured: fc.boolean(),
});

test("of all that is heard the strongest are kept, each name once, the strongest first", () => {
  fc.assert(
    fc.property(fc.array(station, { maxLength: 80 }), (stations) => {
      const networks: NearbyNetwork[] = [];
      for (const heard of stations) addNearby(networks, heard);
      const best = new Map<string, number>();
      for (const { ssid, rssiDbm } of stations) {
        if (ssid !== "") best.set(ssid, Math.max(rssiDbm, best.get(ssid) ?? rssiDbm));
      }
      const strongest = [...best.values()].sort((a, b) => b - a).slice(0, NEARBY_NETWORKS_MAX);
      expect(networks.map(({ rssiDbm }) => rssiDbm)).toEqual(strongest);
      for (const { ssid, rssiDbm } of networks) expect(rssiDbm).toBe(best.get(ssid));
    }),
  );
});
