import { callBoard } from "./board-port.ts";

/** `net`: the simulated network's DHCP offers no DNS server. */
export default {
  get(property: string, network = ""): string | undefined {
    if (property === "DNS") return undefined;
    const value = callBoard("net.get", property, network);
    return typeof value === "string" ? value : undefined;
  },
};
