import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Aedes } from "aedes";
import type { IClientOptions } from "mqtt";
import { onTestFinished } from "vitest";
import type { MqttSettings } from "../../../server-min/mqtt/start-mqtt.ts";
import { joinBroker } from "../mqtt-client.ts";
import { joinRoom } from "../room-client.ts";
import { VIEWER } from "../server-fixture.ts";
import { start } from "../started-server.ts";

/** A Mosquitto that test/services/mosquitto.sh started, with the users and rules of docs/mqtt.md. */
const MOSQUITTO_URL = process.env.SKYFEEDER_TEST_MQTT;

interface Setup {
  readonly name: string;
  readonly processes: 1 | 2;
  open(): Promise<{ readonly url: string } | "embedded">;
}

const AEDES = { open: openAedes };
const MOSQUITTO = { open: openMosquitto };

export const SETUPS: readonly Setup[] = [
  { name: "the broker in the server", processes: 1, open: async () => "embedded" },
  { name: "aedes, one process", processes: 1, ...AEDES },
  { name: "aedes, two processes", processes: 2, ...AEDES },
  ...(MOSQUITTO_URL === undefined
    ? []
    : ([
        { name: "Mosquitto, one process", processes: 1, ...MOSQUITTO },
        { name: "Mosquitto, two processes", processes: 2, ...MOSQUITTO },
      ] as const)),
];

/** A broker that knows nothing of SkyFeeder. */
export async function openAedes() {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    await new Promise<void>((closed) => broker.close(closed));
    await server[Symbol.asyncDispose]();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `mqtt://127.0.0.1:${port}` };
}

/** One for all tests: it still has the status that the one before left. */
async function openMosquitto() {
  const url = MOSQUITTO_URL ?? "";
  const cleaner = await joinBroker(url, credentials(url, "admin"));
  await cleaner.send("skyfeeder/feeder-1/status", "", { retain: true });
  return { url };
}

/** The servers of a setup, joined to their broker, and clients of it. */
export async function openServers({ open, processes }: Setup) {
  const broker = await open();
  const settings: MqttSettings =
    broker === "embedded" ? { listen: "127.0.0.1:0" } : { url: broker.url };
  const first = await start({ mqtt: settings });
  const url = broker === "embedded" ? (first.mqtt?.url("127.0.0.1") ?? "") : broker.url;
  const join = (username: string, options: IClientOptions = {}) =>
    joinBroker(url, { ...options, ...credentials(url, username) });
  const tool = await join("admin");
  await tool.mqtt.subscribeAsync("skyfeeder/#", { qos: 1 });
  const last = processes === 1 ? first : await start({ mqtt: settings });
  const servers = processes === 1 ? [first] : [first, last];
  for (const server of broker === "embedded" ? [] : servers) {
    await tool.next(`skyfeeder/_servers/${server.mqtt?.processId}/alive`);
  }
  const viewers = await Promise.all(servers.map((server) => joinRoom(server, VIEWER)));
  let marks = 0;
  /** What each viewer heard until now: what the broker had of feeder-1 before is with every server by then. */
  const heardByViewers = async () => {
    marks += 1;
    await tool.send(`skyfeeder/feeder-1/event/mark${marks}`, {});
    const heard = await Promise.all(viewers.map((viewer) => viewer.until(`event.mark${marks}`)));
    return heard.map((messages) => messages.slice(0, -1));
  };
  return { first, last, servers, tool, join, heardByViewers };
}

/** All users of a test have the password of the server. */
function credentials(url: string, username: string): IClientOptions {
  const { password } = new URL(url);
  return password === "" ? {} : { username, password };
}
