import type { DeviceConfig } from "../../../protocol/device-config.ts";
import type { Discovery } from "../../../protocol/discovery.ts";
import type { MqttFallback } from "../../../protocol/room-messages.ts";
import type { Ports } from "../ports.ts";
import type { Link, LinkEvents } from "./link.ts";
import { openMqttLink } from "./mqtt-link.ts";
import { FIRST_TRIAL, heardTrial, type MqttTrial, nextTrial } from "./mqtt-trial.ts";
import { openRelayLink } from "./relay-link.ts";

/** Who the feeder is. */
export interface SessionIdentity {
  readonly deviceId: string;
  readonly bootId: string;
  readonly sessionTransport: "relay" | "mqtt";
  readonly config: Pick<DeviceConfig, "connectTimeoutSeconds" | "sessionTransport">;
}

type DialerPorts = Pick<Ports, "time" | "webSockets" | "mqtt" | "log">;

/** Opens the session's connection where discovery says, and the way that the settings say while it works. */
export class Dialer {
  readonly #ports: DialerPorts;
  readonly #identity: SessionIdentity;
  readonly #hangUp: () => void;
  #trial: MqttTrial = FIRST_TRIAL;
  #signalWs = "";
  #mqttUrl: string | undefined;

  /** `hangUp` ends the connection that there is, if any. */
  constructor(ports: DialerPorts, identity: SessionIdentity, hangUp: () => void) {
    this.#ports = ports;
    this.#identity = identity;
    this.#hangUp = hangUp;
  }

  get fallback(): MqttFallback | undefined {
    return this.#trial.kind === "relay" ? this.#trial.because : undefined;
  }

  found({ signalWs, mqttUrl }: Discovery): void {
    this.#signalWs = signalWs;
    this.#mqttUrl = mqttUrl;
  }

  open(token: string | undefined, events: LinkEvents): Link {
    const { webSockets, mqtt } = this.#ports;
    const { deviceId, config, sessionTransport } = this.#identity;
    const connectTimeoutMs = config.connectTimeoutSeconds * 1_000;
    const wantsMqtt = (config.sessionTransport ?? sessionTransport) === "mqtt";
    if (wantsMqtt) this.choose();
    else this.#trial = FIRST_TRIAL;
    const url = wantsMqtt ? this.#mqttUrl : undefined;
    if (url === undefined || this.#trial.kind === "relay") {
      return openRelayLink(webSockets, { url: this.#signalWs, connectTimeoutMs }, events);
    }
    return openMqttLink(mqtt, { url, deviceId, token, connectTimeoutMs }, events);
  }

  heard(): void {
    this.#trial = heardTrial(this.#trial);
  }

  private choose(): void {
    const { time, log } = this.#ports;
    const nowMs = time.monotonicMs();
    const before = this.#trial;
    this.#trial = nextTrial(before, this.#mqttUrl, nowMs);
    if (this.#trial === before || this.#trial.kind === "mqtt") return;
    const { because, untilMs } = this.#trial;
    log.write("warn", "session", `by the relay, not MQTT: ${because}`);
    // The settings may have changed meanwhile.
    const fallen = this.#trial;
    time.after(untilMs - nowMs, () => {
      if (this.#trial === fallen) this.#hangUp();
    });
  }
}
