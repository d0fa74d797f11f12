import { encodeImprovWifi, IMPROV_COMMAND } from "../../protocol/improv-rpc.ts";
import { encodeUtf8 } from "../../protocol/utf8.ts";
import type { WifiCredentials } from "../../protocol/wifi-credentials.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import type { SerialLine } from "../serial/serial-line.ts";
import { cannotJoin, lineEnded, noAnswer, refused } from "./failures.ts";
import { FeederLog } from "./feeder-log.ts";
import { type HeardNetwork, ImprovLine, scanNetworks } from "./improv-line.ts";

/** Of a board that is starting: ROM, bootloader and firmware are up within a second. */
const HELLO_MS = 5_000;
const HELLO_EVERY_MS = 1_000;
const ANSWER_MS = 3_000;
const SCAN_MS = 15_000;
/** The feeder gives a network up before. */
const JOIN_MS = 40_000;
/** It starts anew, joins, and asks its server. */
const SERVER_MS = 60_000;

/** What is to be given; who is asked for what no flag says is not this module's affair. */
export interface Wanted {
  readonly name: string | undefined;
  readonly serverUrl: string | undefined;
  /** Of a feeder that has none; undefined: nobody can be asked. */
  readonly askServer: () => Promise<string | undefined>;
  readonly chooseNetwork: (
    scan: () => Promise<Outcome<readonly HeardNetwork[]>>,
  ) => Promise<Outcome<WifiCredentials>>;
  /** Whether another network, or another password, is tried. */
  readonly tryAgain: (message: string) => Promise<boolean>;
}

export interface Provisioned {
  readonly deviceId: string;
  readonly ssid: string;
  readonly serverUrl: string;
  /** Null where the server takes the feeder without being asked. */
  readonly claimCode: string | null;
}

/** `say`: progress, for people. */
export async function provision(
  line: SerialLine,
  wanted: Wanted,
  say: (text: string) => void,
): Promise<Outcome<Provisioned>> {
  const improv = new ImprovLine(line);
  const log = new FeederLog();
  improv.hearLine = (text) => log.hear(text);
  const met = await meet(improv, line.path);
  if (met.kind === "failed") return met;
  say(`found ${met.value}`);
  if (wanted.name !== undefined) {
    const named = await give(improv, IMPROV_COMMAND.deviceName, wanted.name);
    if (named.kind === "failed") return named;
  }
  const joined = await joinNetwork(improv, line.path, { wanted, log, say });
  if (joined.kind === "failed") return joined;
  const { ssid, serverUrl } = joined.value;
  say(`${ssid}: joined; it looks for ${serverUrl}`);
  const claim = await log.claim(line, serverUrl, SERVER_MS);
  return claim.kind === "failed" ? claim : done({ ...claim.value, ssid, serverUrl });
}

async function meet(improv: ImprovLine, path: string): Promise<Outcome<string>> {
  const there = await hello(improv, path);
  if (there.kind === "failed") return there;
  const info = await improv.ask(IMPROV_COMMAND.info, [], ANSWER_MS);
  if (info.kind !== "result") return refused(info, "say what it is");
  const [firmware = "", version = "", , name = ""] = info.texts;
  if (firmware === "SkyFeeder") return done(`${name}, SkyFeeder ${version}`);
  const hint = "npm run -s skyfeeder -- flash";
  return failed("no_feeder", `${path} runs ${firmware} and no SkyFeeder`, hint, EXIT.failed);
}

/** A board that is starting misses the first questions. */
async function hello(improv: ImprovLine, path: string): Promise<Outcome<true>> {
  for (let waitedMs = 0; waitedMs < HELLO_MS; waitedMs += HELLO_EVERY_MS) {
    const answer = await improv.ask(IMPROV_COMMAND.state, [], HELLO_EVERY_MS, () => true);
    if (answer.kind !== "none") return done(true);
    if (answer.why !== "silence") return lineEnded(answer.why);
  }
  return noAnswer(path);
}

interface Joining {
  readonly wanted: Wanted;
  readonly log: FeederLog;
  readonly say: (text: string) => void;
}

async function joinNetwork(
  improv: ImprovLine,
  path: string,
  { wanted, log, say }: Joining,
): Promise<Outcome<Pick<Provisioned, "ssid" | "serverUrl">>> {
  for (;;) {
    const network = await wanted.chooseNetwork(() => scan(improv));
    if (network.kind === "failed") return network;
    // Right before the join: a feeder that has a network starts anew for another server, once nobody joins.
    const server = await giveServer(improv, wanted);
    if (server.kind === "failed") return server;
    const { ssid } = network.value;
    say(`${ssid}: joining`);
    const answer = await improv.ask(IMPROV_COMMAND.wifi, encodeImprovWifi(network.value), JOIN_MS);
    if (answer.kind === "result") return done({ ssid, serverUrl: server.value });
    if (answer.kind === "none") return refused(answer, `join ${ssid}`);
    const failure = cannotJoin(ssid, log.joinFailure);
    if (!(await wanted.tryAgain(failure.failure.message))) return failure;
    const there = await hello(improv, path);
    if (there.kind === "failed") return there;
  }
}

async function scan(improv: ImprovLine): Promise<Outcome<readonly HeardNetwork[]>> {
  const { answer, networks } = await scanNetworks(improv, SCAN_MS);
  return answer.kind === "result" ? done(networks) : refused(answer, "look for networks");
}

/** The URL that the feeder has in the end. */
async function giveServer(improv: ImprovLine, wanted: Wanted): Promise<Outcome<string>> {
  const current = await improv.ask(IMPROV_COMMAND.serverUrl, [], ANSWER_MS);
  if (current.kind !== "result") return refused(current, "say what its server is");
  const [known = ""] = current.texts;
  const url = wanted.serverUrl ?? (known === "" ? await wanted.askServer() : known);
  if (url === undefined) {
    const hint = "--server URL, as feeders reach it: http://192.168.1.10:8080";
    return failed("no_server", "the feeder has no server yet", hint, EXIT.usage);
  }
  return url === known ? done(url) : give(improv, IMPROV_COMMAND.serverUrl, url);
}

async function give(improv: ImprovLine, command: number, text: string): Promise<Outcome<string>> {
  const answer = await improv.ask(command, encodeUtf8(text), ANSWER_MS);
  return answer.kind === "result" ? done(text) : refused(answer, `take "${text}"`);
}
