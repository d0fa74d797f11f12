import { onTestFinished } from "vitest";
import { Background } from "../../server-min/background.ts";
import type { Principal } from "../../server-min/identity/principal.ts";
import { openMqtt } from "../../server-min/mqtt/start-mqtt.ts";
import { Rooms } from "../../server-min/relay/rooms.ts";
import { openSqlite } from "../../server-min/storage/node-sqlite.ts";
import { joinBroker } from "./mqtt-client.ts";
import { SettableClock } from "./server-fixture.ts";

/** By user name and password. */
const USERS: readonly (readonly [string, Principal])[] = [
  ["admin key", { kind: "operator", name: "admin" }],
  ["feeder-1 token", { kind: "device", deviceId: "feeder-1" }],
  ["feeder-2 token", { kind: "device", deviceId: "feeder-2" }],
  ["viewer one", { kind: "viewer", rooms: ["feeder-1"] }],
  ["viewer all", { kind: "viewer", rooms: ["*"] }],
];

/** The broker in a server that asks who its clients are, with the rooms it mirrors. */
export async function openBroker(before: { sql?: ReturnType<typeof openSqlite> } = {}) {
  const clock = new SettableClock();
  const sql = before.sql ?? openSqlite(":memory:");
  const bugs: unknown[] = [];
  const report = (error: unknown) => void bugs.push(error);
  const background = new Background(report);
  const rooms = new Rooms(clock, "relay secret");
  const users = new Map(USERS);
  const authenticate = async (username = "", password = "") => users.get(`${username} ${password}`);
  const ports = { clock, sql, notice: () => {}, report };
  const opened = await openMqtt({ listen: "127.0.0.1:0" }, ports);
  if (opened.kind !== "open") throw new Error(JSON.stringify(opened));
  const { mqtt } = opened;
  await mqtt.serve({ rooms, background, authenticate });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= mqtt.close().then(() => background.idle()));
  onTestFinished(close);
  const url = mqtt.url("127.0.0.1") ?? "";
  const join = (user: string, options: Parameters<typeof joinBroker>[1] = {}) => {
    const [username = "", password = ""] = user.split(" ");
    return joinBroker(url, { username, password, ...options });
  };
  return { url, join, close, clock, sql, rooms, users, bugs, mqtt };
}
