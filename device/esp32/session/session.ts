import type { ConfigCommand } from "../../../protocol/config-messages.ts";
import { parseDiscovery } from "../../../protocol/discovery.ts";
import { isTokenRefusal } from "../../../protocol/enrolment.ts";
import type { LogCommand } from "../../../protocol/log-messages.ts";
import type { FeederEvent, MqttFallback, ServerMessage } from "../../../protocol/room-messages.ts";
import type { UpdateCommand } from "../../../protocol/update-messages.ts";
import { EVENT_ACK_MS, REDISCOVER_MS } from "../limits.ts";
import type { HttpResult, Ports, TimerHandle } from "../ports.ts";
import { Dialer, type SessionIdentity } from "./dialer.ts";
import { EventQueue } from "./event-queue.ts";
import type { Link } from "./link.ts";
import { type SessionInput, type SessionState, stepSession } from "./session-state.ts";

/** What is known of the server; the session learns it. */
export interface KnownServer {
  readonly configuredUrl: string;
  apiBase: string;
  learnTime(serverTimeMs: number): void;
  wallClockMs(monotonicMs: number): number | undefined;
}

export interface SessionListener {
  /** Each time the connection is up. */
  connected(): void;
  readonly updates: { command(command: UpdateCommand): void };
  readonly settings: { command(command: ConfigCommand): void };
  followLog(command: LogCommand): void;
}

/** Gets a token, or ends without: either way `over`, unless it is stopped. */
interface Admission {
  readonly token: string | undefined;
  begin(over: () => void): void;
  stop(): void;
}

type SessionPorts = Pick<Ports, "time" | "entropy" | "http" | "webSockets" | "mqtt" | "log">;

/** The feeder's one connection: found by discovery, kept by backoff, with every event delivered in order. */
export class Session {
  readonly #ports: SessionPorts;
  readonly #server: KnownServer;
  readonly #identity: SessionIdentity;
  readonly #admission: Admission;
  readonly #events: EventQueue;
  readonly #dialer: Dialer;
  #state: SessionState = { kind: "offline", failures: 0 };
  #link: Link | undefined;
  /** Names the connection attempt: callbacks of an older one are stale. */
  #epoch = 0;
  #waitTimer: TimerHandle | undefined;
  #answerTimer: TimerHandle | undefined;
  #rediscoveredAtMs = Number.NEGATIVE_INFINITY;

  #listener: SessionListener = {
    connected: () => {},
    updates: { command: () => {} },
    settings: { command: () => {} },
    followLog: () => {},
  };

  constructor(
    ports: SessionPorts,
    server: KnownServer,
    identity: SessionIdentity,
    admission: Admission,
  ) {
    this.#ports = ports;
    this.#server = server;
    this.#identity = identity;
    this.#admission = admission;
    this.#events = new EventQueue(identity.bootId);
    this.#dialer = new Dialer(ports, identity, () => this.#link?.close());
  }

  get eventsDropped(): number {
    return this.#events.dropped;
  }

  get mqttFallback(): MqttFallback | undefined {
    return this.#dialer.fallback;
  }

  /** Connected, and everything that was reported has arrived. */
  get isCaughtUp(): boolean {
    return this.isConnected && this.#events.isEmpty;
  }

  get isConnected(): boolean {
    return this.#state.kind === "online";
  }

  private get connectMs(): number {
    return this.#identity.config.connectTimeoutSeconds * 1_000;
  }

  start(listener: SessionListener): void {
    this.#listener = listener;
  }

  networkChanged(online: boolean): void {
    this.take({ kind: "network", online });
  }

  /** The server did not take the token beside the session: discovery says what is to be done. */
  tokenRefused(): void {
    const nowMs = this.#ports.time.monotonicMs();
    if (!this.isConnected || nowMs - this.#rediscoveredAtMs < REDISCOVER_MS) return;
    this.#rediscoveredAtMs = nowMs;
    this.take({ kind: "refused" });
  }

  /** Shows whether the server is still found as it is looked for now. */
  reconnect(): void {
    this.take({ kind: "reconnect" });
  }

  /** Sends now, or keeps the event with its time until it can. */
  report(event: FeederEvent): void {
    this.#events.add(event, this.#ports.time.monotonicMs());
    this.drain();
  }

  private take(input: SessionInput): void {
    const step = stepSession(this.#state, input, this.#ports.entropy.uniform());
    this.#state = step.state;
    for (const effect of step.effects) {
      switch (effect.kind) {
        case "discover":
          this.discover();
          break;
        case "enrol":
          this.#admission.begin(() => this.take({ kind: "enrolment_over" }));
          break;
        case "connect":
          this.connect();
          break;
        case "disconnect":
          this.disconnect();
          break;
        case "wait":
          this.wait(effect.delayMs);
          break;
        case "up":
          this.up();
          break;
      }
    }
  }

  private discover(): void {
    const epoch = ++this.#epoch;
    const request = {
      method: "GET",
      url: `${this.#server.configuredUrl}/v1/discovery/${this.#identity.deviceId}`,
      headers: [],
      asDevice: true,
      timeoutMs: this.connectMs,
    } as const;
    this.#ports.http.request(request, (result) => {
      if (epoch !== this.#epoch) return;
      const found = result.kind === "answered" && result.status === 200;
      const discovery = found ? parseDiscovery(result.body) : undefined;
      if (discovery === undefined) return this.notFound(result);
      this.#dialer.found(discovery);
      this.#server.apiBase = discovery.apiBase;
      this.#server.learnTime(discovery.serverTimeMs);
      this.take({ kind: "discovered" });
    });
  }

  private notFound(result: HttpResult): void {
    const reason = result.kind === "failed" ? result.reason : `status ${result.status}`;
    this.#ports.log.write("warn", "session", `${this.#server.configuredUrl}: ${reason}`);
    const isRefused = result.kind === "answered" && isTokenRefusal(result.status, result.body);
    this.take({ kind: isRefused ? "refused" : "failed" });
  }

  private connect(): void {
    const epoch = ++this.#epoch;
    this.#link = this.#dialer.open(this.#admission.token, {
      message: (message) => {
        if (epoch === this.#epoch) this.receive(message);
      },
      welcomed: () => {
        if (epoch === this.#epoch) this.welcomed();
      },
      closed: (reason) => {
        if (epoch !== this.#epoch) return;
        this.#ports.log.write("info", "session", `closed: ${reason}`);
        this.#link = undefined;
        this.answered();
        this.take({ kind: "closed" });
      },
    });
    this.expectAnswer(this.connectMs);
  }

  private disconnect(): void {
    this.#epoch++;
    this.#waitTimer?.cancel();
    this.#admission.stop();
    this.answered();
    this.#link?.close();
    this.#link = undefined;
  }

  private wait(delayMs: number): void {
    this.#waitTimer = this.#ports.time.after(delayMs, () => this.take({ kind: "waited" }));
  }

  private up(): void {
    this.#events.rewind();
    this.drain();
    this.#ports.log.write("info", "session", "online");
    this.#listener.connected();
  }

  private welcomed(): void {
    this.answered();
    this.take({ kind: "welcomed" });
  }

  private receive(message: ServerMessage): void {
    if (message.type === "system") {
      this.#server.learnTime(message.ts);
      this.welcomed();
    } else if (message.type === "cmd.ota") {
      this.#listener.updates.command(message.command);
    } else if (message.type === "cmd.config") {
      this.#listener.settings.command(message.command);
    } else if (message.type === "cmd.log") {
      this.#listener.followLog(message.command);
    } else if (message.type === "ack") {
      this.answered();
      this.#dialer.heard();
      this.#server.learnTime(message.ts);
      this.take({ kind: "acknowledged" });
      this.#events.acknowledged(message.bootId, message.seq);
      this.drain();
      if (this.#events.awaitsAcknowledgement) this.expectAnswer(EVENT_ACK_MS);
    }
  }

  private drain(): void {
    const link = this.#link;
    if (this.#state.kind !== "online" || link === undefined) return;
    const sent = this.#events.drain(
      (monotonicMs) => this.#server.wallClockMs(monotonicMs),
      (event) => link.send(event),
    );
    if (sent) this.expectAnswer(EVENT_ACK_MS);
  }

  /** TCP may take minutes to notice a dead path; a welcome or an acknowledgement that stays out notices in seconds. */
  private expectAnswer(withinMs: number): void {
    this.#answerTimer ??= this.#ports.time.after(withinMs, () => {
      this.#answerTimer = undefined;
      this.#link?.close();
    });
  }

  private answered(): void {
    this.#answerTimer?.cancel();
    this.#answerTimer = undefined;
  }
}
