import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Kysely } from "kysely";
import type { Background } from "../background.ts";
import type { TlsIdentity } from "../machine/tls-identity.ts";
import type { Clock } from "../ports.ts";
import type { Rooms } from "../relay/rooms.ts";
import type { Database } from "../storage/schema.ts";
import type { Authenticate } from "./access.ts";
import type { Broker, BrokerCounters } from "./broker.ts";
import { BrokerPorts } from "./broker-ports.ts";
import type { EmbeddedBroker } from "./embedded-broker.ts";
import { openEmbeddedBroker } from "./embedded-broker.ts";
import { ExternalBroker } from "./external-broker.ts";
import { ServerGroup } from "./server-group.ts";
import { TopicMirror } from "./topic-mirror.ts";

/** As the settings file has it. */
export interface MqttSettings {
  /** HOST:PORT of the broker in this server. */
  readonly listen?: string | undefined;
  /** The same with TLS, by the server's own certificate. */
  readonly listenTls?: string | undefined;
  /** Of another broker. */
  readonly url?: string | undefined;
  /** What devices reach the broker by. */
  readonly publicUrl?: string | undefined;
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** Nobody asked for it: a port that is taken is no reason not to start. */
  readonly isUsual?: boolean;
}

export interface MqttPorts {
  readonly clock: Clock;
  readonly sql: Kysely<Database>;
  /** What the server proves its name with. */
  readonly tls?: TlsIdentity | undefined;
  notice(text: string): void;
  report(error: unknown): void;
}

export interface ServerParts {
  readonly rooms: Rooms;
  readonly background: Background;
  /** Of the clients of the broker in this server; another one asks them itself. */
  readonly authenticate: Authenticate;
}

export type MqttFailure = {
  readonly kind: "failed";
  readonly reason: "mqtt_cannot_listen" | "mqtt_tls_missing" | "mqtt_password_unreadable";
  readonly detail: string;
};

export type OpenedMqtt =
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly mqtt: Mqtt }
  | MqttFailure;

export interface Mqtt {
  /** What devices reach it by, on the host that they reach the server by. Undefined where they are not to. */
  url(serverHost: string): string | undefined;
  /** Undefined for a process that is alone. */
  readonly processId: string | undefined;
  /** Of what is not in this process: rejects when it cannot be reached. */
  readonly probes?: ReadonlyMap<string, () => Promise<void>>;
  /** Shows another certificate to whoever connects from now on. */
  renewTls(tls: TlsIdentity): void;
  /** Joins the broker to the rooms. */
  serve(server: ServerParts): Promise<void>;
  counters(): BrokerCounters;
  close(): Promise<void>;
}

/** Takes the port, so that addresses can be handed out before anything is served. */
export async function openMqtt(
  settings: MqttSettings | undefined,
  ports: MqttPorts,
): Promise<OpenedMqtt> {
  if (settings?.url !== undefined) return openExternal({ ...settings, url: settings.url }, ports);
  const { listen, listenTls, publicUrl, isUsual } = settings ?? {};
  if (listen === undefined && listenTls === undefined) return { kind: "none" };
  if (listenTls !== undefined && ports.tls === undefined) {
    return { kind: "failed", reason: "mqtt_tls_missing", detail: listenTls };
  }
  const at = new BrokerPorts();
  const detail = (await at.listen(listen)) ?? (await at.listen(listenTls, ports.tls));
  if (detail === undefined) {
    const broker = await openEmbeddedBroker({ ...ports, ports: at });
    return { kind: "open", mqtt: embedded({ broker, at }, publicUrl, ports) };
  }
  await at.close();
  if (isUsual !== true) return { kind: "failed", reason: "mqtt_cannot_listen", detail };
  ports.notice(`No MQTT broker: ${detail}`);
  return { kind: "none" };
}

function embedded(
  { broker, at }: { readonly broker: EmbeddedBroker; readonly at: BrokerPorts },
  publicUrl: string | undefined,
  ports: MqttPorts,
): Mqtt {
  const serve = async ({ rooms, background, authenticate }: ServerParts) => {
    const mirror = new TopicMirror({ ...ports, rooms, background, processId: undefined }, broker);
    await broker.serve(mirror, authenticate);
    const devices = await ports.sql.selectFrom("devices").selectAll().execute();
    for (const { device_id, last_seen_ms } of devices) {
      await mirror.publishStatus(device_id, rooms.hasFeeder(device_id), last_seen_ms);
    }
  };
  const url = (serverHost: string) => publicUrl ?? at.url(serverHost);
  const renewTls = (tls: TlsIdentity) => at.renewTls(tls);
  return { url, processId: undefined, renewTls, serve, ...shared(broker) };
}

function openExternal(
  settings: MqttSettings & { readonly url: string },
  ports: MqttPorts,
): OpenedMqtt {
  const { url, publicUrl, username, passwordFile } = settings;
  const password = passwordFile === undefined ? undefined : readPassword(passwordFile);
  if (password === null) {
    const detail = passwordFile ?? "";
    return { kind: "failed", reason: "mqtt_password_unreadable", detail };
  }
  const processId = makeProcessId(ports.clock.nowMs());
  const broker = new ExternalBroker({ ...ports, url, username, password, processId });
  const serve = async ({ rooms, background }: ServerParts) => {
    const joined = { ...ports, rooms, background, processId };
    const group = new ServerGroup(joined, broker);
    broker.serve(group, () => group.announce());
  };
  const probes = new Map([["broker", () => broker.probe()]]);
  const own = { url: () => publicUrl, processId, probes, renewTls: () => {}, serve };
  return { kind: "open", mqtt: { ...own, ...shared(broker) } };
}

/** Null for a file that cannot be read. */
function readPassword(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

/** Two processes may start in the same millisecond. */
function makeProcessId(nowMs: number): string {
  return nowMs.toString(36) + randomInt(36 ** 3, 36 ** 4).toString(36);
}

function shared(broker: Broker) {
  return { counters: () => broker.counters(), close: () => broker.close() };
}
