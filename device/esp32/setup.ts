/** The other boot: no feeder runs, but a network of the board's own with the page that sets it up. */

import { parseDiscovery } from "../../protocol/discovery.ts";
import { isTokenRefusal } from "../../protocol/enrolment.ts";
import { askForPortal } from "./boot.ts";
import { asDevice } from "./identity/as-device.ts";
import { Enrolment } from "./identity/enrolment.ts";
import { TokenStore } from "./identity/token-store.ts";
import { Indicator } from "./indicator/indicator.ts";
import { BOOT_WELL_MS, PORTAL_SERVER_MS } from "./limits.ts";
import { NVS_KEYS } from "./nvs-keys.ts";
import { Portal, type PortalWork } from "./portal/portal.ts";
import type { ServerVerdict, Submission } from "./portal/portal-state.ts";
import type { Http, HttpResult, JoinResult, Ports } from "./ports.ts";
import type { PortalReason } from "./provisioning/boot-mode.ts";
import { changeNetwork } from "./provisioning/credentials.ts";
import { Improv } from "./provisioning/improv.ts";
import { keepServer } from "./provisioning/kept-server.ts";
import { watchPress } from "./provisioning/press.ts";
import type { Settings } from "./settings.ts";
import type { SetupPorts } from "./setup-ports.ts";
import { BootWatch } from "./update/boot-watch.ts";

type BoardPorts = Pick<
  Ports,
  | "time"
  | "wallClock"
  | "entropy"
  | "appSlots"
  | "button"
  | "statusLed"
  | "board"
  | "consoleWire"
  | "http"
  | "store"
  | "log"
> &
  SetupPorts;

export function startSetup(ports: BoardPorts, settings: Settings, why: PortalReason): void {
  const { board, store, log, time } = ports;
  const boots = new BootWatch(board, store, log, false);
  const wifi = settings.wifi ?? { ssid: "", password: "" };
  const known = { wifi, serverUrl: settings.serverUrl, name: store.read(NVS_KEYS.name) ?? "" };
  log.write("info", "portal", `opens: ${why}`);
  new Indicator(ports, { isSafeMode: false, isBare: true });
  new Portal(ports, new SetupWork(ports, boots, settings.deviceId, known), known).open();
  const wire = ports.consoleWire;
  if (wire !== undefined) new Improv(ports, wire, settings, boots);
  time.after(BOOT_WELL_MS, () => boots.bootSucceeded());
  watchPress(ports, () => {
    askForPortal(store);
    boots.restart();
  });
}

/** What the page asks for, done with the parts that the feeder has for the same. */
class SetupWork implements PortalWork {
  readonly #ports: BoardPorts;
  readonly #boots: BootWatch;
  readonly #deviceId: string;
  readonly #tokens: TokenStore;
  readonly #http: Http;
  /** What the feeder would start with, once its server has answered. */
  #known: Submission;
  /** Whose token is kept, and where it goes back to when nobody answers at another one. */
  #server: string;
  #enrolment: Enrolment | undefined;

  constructor(ports: BoardPorts, boots: BootWatch, deviceId: string, known: Submission) {
    this.#ports = ports;
    this.#boots = boots;
    this.#deviceId = deviceId;
    this.#known = known;
    this.#server = known.serverUrl;
    this.#tokens = new TokenStore(ports.store);
    this.#http = asDevice(ports.http, this.#tokens, () => {});
  }

  join(submission: Submission, done: (result: JoinResult) => void): void {
    changeNetwork(this.#ports, submission.wifi, (result) => {
      if (result.kind === "joined") this.keep(submission);
      this.say(result.kind === "joined" ? "joined" : `not joined: ${result.reason}`);
      done(result);
    });
  }

  ask(done: (verdict: ServerVerdict) => void): void {
    const { serverUrl } = this.#known;
    const request = {
      method: "GET",
      url: `${serverUrl}/v1/discovery/${this.#deviceId}`,
      headers: [],
      timeoutMs: PORTAL_SERVER_MS,
    } as const;
    // Another server is not shown this one's token.
    const asked = serverUrl === this.#server ? { ...request, asDevice: true as const } : request;
    this.#http.request(asked, (result) => {
      const verdict = this.judge(result);
      if (verdict === "ready" || verdict === "wants_approval") this.keepServer(serverUrl);
      this.say(`the server: ${verdict}`);
      done(verdict);
    });
  }

  enrol(shown: (claimCode: string | undefined) => void, over: () => void): void {
    const context = { deviceId: this.#deviceId, serverUrl: this.#known.serverUrl };
    const ports = { ...this.#ports, http: this.#http };
    // One that was turned away still waits for its hour.
    this.#enrolment?.stop();
    this.#enrolment = new Enrolment(ports, this.#tokens, context);
    this.#enrolment.begin(over, shown);
  }

  leave(): void {
    const isSetUp = this.#known.wifi.ssid !== "" && this.#known.serverUrl !== "";
    this.say(isSetUp ? "closes" : "nobody came; press the button or switch the power to try again");
    if (isSetUp) this.#boots.restart();
    else this.#ports.accessPoint.close();
  }

  private keep({ wifi, serverUrl, name }: Submission): void {
    if (name !== this.#known.name) this.#ports.store.write(NVS_KEYS.name, name);
    this.#known = { wifi, serverUrl, name };
    // Nothing is lost by it, and somebody need not come again for a server that is away for an hour.
    if (this.#server === "") this.keepServer(serverUrl);
  }

  private keepServer(serverUrl: string): void {
    if (serverUrl === this.#server) return;
    keepServer(this.#ports.store, serverUrl);
    this.#server = serverUrl;
  }

  private judge(result: HttpResult): ServerVerdict {
    if (result.kind === "failed") return "no_answer";
    const { status, body } = result;
    if (isTokenRefusal(status, body)) return "wants_approval";
    const discovery = status === 200 ? parseDiscovery(body) : undefined;
    if (discovery === undefined) return "no_server";
    this.#ports.wallClock.learn(discovery.serverTimeMs);
    return "ready";
  }

  private say(text: string): void {
    this.#ports.log.write("info", "portal", text);
  }
}
