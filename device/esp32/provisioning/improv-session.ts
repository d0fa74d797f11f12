import { isFeederName } from "../../../protocol/feeder-name.ts";
import {
  encodeImprovPacket,
  IMPROV_OVERHEAD_BYTES,
  IMPROV_TYPE,
} from "../../../protocol/improv-packet.ts";
import {
  encodeImprovResult,
  IMPROV_COMMAND,
  IMPROV_ERROR,
  IMPROV_STATE,
  type ImprovRpc,
  parseImprovRpc,
  parseImprovWifi,
} from "../../../protocol/improv-rpc.ts";
import { parseServerUrl } from "../../../protocol/server-url.ts";
import { decodeUtf8 } from "../../../protocol/utf8.ts";
import type { WifiCredentials } from "../../../protocol/wifi-credentials.ts";
import { CONSOLE_PACKET_BYTES_MAX } from "../limits.ts";
import type { JoinResult, NearbyNetwork } from "../ports.ts";

/** One thing at a time: a scan and a trial both need the radio for themselves. */
export type ImprovState = "idle" | "scanning" | "joining";

export type ImprovInput =
  | { readonly kind: "packet"; readonly type: number; readonly data: Uint8Array }
  | { readonly kind: "scanned"; readonly networks: readonly NearbyNetwork[] }
  | { readonly kind: "tried"; readonly result: JoinResult };

export type ImprovEffect =
  | { readonly kind: "send"; readonly packet: Uint8Array }
  | { readonly kind: "scan" }
  | { readonly kind: "join"; readonly credentials: WifiCredentials }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "server"; readonly serverUrl: string }
  /** Said on the console as well. */
  | { readonly kind: "stay" }
  /** The network was tried, joined and told of. */
  | { readonly kind: "provisioned" };

/** What the feeder is at this moment. */
export interface ImprovFacts {
  readonly deviceId: string;
  readonly version: string;
  /** Empty where nobody gave it one. */
  readonly name: string;
  /** Empty where it has none. */
  readonly serverUrl: string;
  readonly hasNetwork: boolean;
  /** The running image has yet to show that it can be updated, which it does at its server. */
  readonly isOnTrial: boolean;
}

export interface ImprovStep {
  readonly state: ImprovState;
  readonly effects: readonly ImprovEffect[];
}

/** Online, and Wi-Fi is what it has. */
const NETWORK_FLAGS = { online: 1, wifi: 2 } as const;

export function stepImprov(state: ImprovState, input: ImprovInput, facts: ImprovFacts): ImprovStep {
  switch (input.kind) {
    case "scanned":
      return { state: "idle", effects: tellNetworks(input.networks) };
    case "tried":
      return { state: "idle", effects: tellTrial(input.result, facts) };
    case "packet": {
      // States, errors and results are ours to send: an echo, or another feeder.
      if (input.type !== IMPROV_TYPE.rpc) return { state, effects: [] };
      const rpc = parseImprovRpc(input.data);
      if (rpc === undefined) return { state, effects: [error(IMPROV_ERROR.invalidRpc)] };
      return answer(state, rpc, facts);
    }
  }
}

function answer(state: ImprovState, rpc: ImprovRpc, facts: ImprovFacts): ImprovStep {
  const { command, payload } = rpc;
  const say = (...effects: ImprovEffect[]): ImprovStep => ({ state, effects });
  switch (command) {
    case IMPROV_COMMAND.wifi:
      return state === "idle" ? join(payload) : say(error(IMPROV_ERROR.unknown));
    case IMPROV_COMMAND.scan:
      if (state !== "idle") return say(error(IMPROV_ERROR.unknown));
      return { state: "scanning", effects: [{ kind: "scan" }] };
    case IMPROV_COMMAND.state:
      return say(...tellState(state, facts));
    case IMPROV_COMMAND.info: {
      const about = ["SkyFeeder", facts.version, "ESP32", facts.name || facts.deviceId];
      return say(result(command, about));
    }
    case IMPROV_COMMAND.deviceName:
      return say(...nameFeeder(payload, facts));
    case IMPROV_COMMAND.networkState: {
      const flags = NETWORK_FLAGS.wifi | (facts.hasNetwork ? NETWORK_FLAGS.online : 0);
      return say(result(command, [String(flags), ...(facts.hasNetwork ? nextUrl(facts) : [])]));
    }
    case IMPROV_COMMAND.serverUrl:
      return say(...moveServer(payload, facts));
    default:
      return say(error(IMPROV_ERROR.unknownCommand));
  }
}

function join(payload: Uint8Array): ImprovStep {
  const credentials = parseImprovWifi(payload);
  if (credentials === undefined) {
    return { state: "idle", effects: [error(IMPROV_ERROR.invalidRpc)] };
  }
  const effects: ImprovEffect[] = [
    error(IMPROV_ERROR.none),
    stateIs(IMPROV_STATE.provisioning),
    { kind: "join", credentials },
  ];
  return { state: "joining", effects };
}

/** An empty result ends the list. */
function tellNetworks(networks: readonly NearbyNetwork[]): ImprovEffect[] {
  const { scan } = IMPROV_COMMAND;
  const results = networks.map(({ ssid, rssiDbm, secured }) =>
    result(scan, [ssid, String(rssiDbm), secured ? "YES" : "NO"]),
  );
  return [...results, result(scan, [])];
}

function tellTrial(trial: JoinResult, facts: ImprovFacts): ImprovEffect[] {
  if (trial.kind === "joined") {
    const done = result(IMPROV_COMMAND.wifi, nextUrl(facts));
    return [stateIs(IMPROV_STATE.provisioned), done, { kind: "provisioned" }];
  }
  const before = facts.hasNetwork ? IMPROV_STATE.provisioned : IMPROV_STATE.ready;
  return [error(IMPROV_ERROR.unableToConnect), stateIs(before)];
}

function tellState(state: ImprovState, facts: ImprovFacts): ImprovEffect[] {
  if (state === "joining") return [stateIs(IMPROV_STATE.provisioning)];
  if (!facts.hasNetwork) return [stateIs(IMPROV_STATE.ready)];
  return [stateIs(IMPROV_STATE.provisioned), result(IMPROV_COMMAND.state, nextUrl(facts))];
}

function nameFeeder(payload: Uint8Array, facts: ImprovFacts): ImprovEffect[] {
  const { deviceName } = IMPROV_COMMAND;
  if (payload.length === 0) return [result(deviceName, [facts.name || facts.deviceId])];
  const name = decodeUtf8(payload);
  if (name === undefined || !isFeederName(name)) return [error(IMPROV_ERROR.invalidRpc)];
  return [{ kind: "name", name }, result(deviceName, [name])];
}

function moveServer(payload: Uint8Array, facts: ImprovFacts): ImprovEffect[] {
  if (payload.length === 0) return [result(IMPROV_COMMAND.serverUrl, [facts.serverUrl])];
  const serverUrl = parseServerUrl(decodeUtf8(payload) ?? "");
  if (serverUrl === undefined) return [error(IMPROV_ERROR.invalidRpc)];
  // It takes the token away, without which the trial fails.
  if (facts.isOnTrial && serverUrl !== facts.serverUrl) {
    return [{ kind: "stay" }, error(IMPROV_ERROR.updateOnTrial)];
  }
  return [{ kind: "server", serverUrl }, result(IMPROV_COMMAND.serverUrl, [serverUrl])];
}

/** Where somebody goes on: the server's page on which a feeder is let in. */
function nextUrl({ serverUrl }: ImprovFacts): string[] {
  return serverUrl === "" ? [] : [`${serverUrl}/fleet`];
}

/** What was baked in may be too long to leave in one piece, and what does not leave holds up all behind it. */
function result(command: number, texts: readonly string[]): ImprovEffect {
  const data = encodeImprovResult(command, texts);
  const fits = data.length + IMPROV_OVERHEAD_BYTES <= CONSOLE_PACKET_BYTES_MAX;
  return send(IMPROV_TYPE.result, fits ? data : encodeImprovResult(command, []));
}

function error(code: number): ImprovEffect {
  return send(IMPROV_TYPE.error, [code]);
}

function stateIs(code: number): ImprovEffect {
  return send(IMPROV_TYPE.state, [code]);
}

function send(type: number, data: ArrayLike<number>): ImprovEffect {
  return { kind: "send", packet: encodeImprovPacket(type, data) };
}
