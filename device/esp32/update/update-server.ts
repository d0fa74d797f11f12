import type { Channel } from "../../../protocol/update-manifest.ts";
import type {
  CheckUpdateRequest,
  OfferedManifest,
  OtaHeartbeat,
} from "../../../protocol/update-messages.ts";
import { parseCheckUpdateAnswer } from "../../../protocol/update-messages.ts";
import { asciiBody } from "../ascii-body.ts";
import { UPDATE_REQUEST_MS } from "../limits.ts";
import type { AppSlots, Http } from "../ports.ts";
import type { UpdateStore } from "./update-store.ts";

/** Who asks. */
export interface UpdateIdentity {
  readonly deviceId: string;
  readonly firmwareVersion: string;
  readonly build: { readonly product: string; readonly board: string; readonly chip: string };
  readonly channel: Channel;
}

/** What is known of the server. */
export interface KnownServer {
  readonly apiBase: string;
  learnTime(serverTimeMs: number): void;
  wallClockMs(monotonicMs: number): number | undefined;
}

export type PollResult =
  | {
      readonly kind: "answered";
      readonly manifest: OfferedManifest | undefined;
      readonly nextCheckSeconds: number | undefined;
    }
  | { readonly kind: "failed" };

/** The questions a feeder has for the server about its own firmware. */
export class UpdateServer {
  readonly #http: Http;
  readonly #server: KnownServer;
  readonly #identity: UpdateIdentity;
  readonly #slots: AppSlots;
  readonly #store: UpdateStore;

  constructor(
    http: Http,
    server: KnownServer,
    identity: UpdateIdentity,
    slots: AppSlots,
    store: UpdateStore,
  ) {
    this.#http = http;
    this.#server = server;
    this.#identity = identity;
    this.#slots = slots;
    this.#store = store;
  }

  get apiBase(): string {
    return this.#server.apiBase;
  }

  learnTime(serverTimeMs: number): void {
    this.#server.learnTime(serverTimeMs);
  }

  heartbeat(nonce: string): OtaHeartbeat {
    const { deviceId, firmwareVersion: version } = this.#identity;
    const { elfSha256 } = this.#slots.running;
    return { deviceId, version, elfSha256, slot: this.#slots.runningSlot, nonce };
  }

  checkUpdate(): CheckUpdateRequest {
    const { deviceId, firmwareVersion: current_version, build, channel } = this.#identity;
    return {
      deviceId,
      current_version,
      labels: [],
      board: build.board,
      chip: build.chip,
      channel,
      elfSha256: this.#slots.running.elfSha256,
      slotBytes: this.#slots.otherImage.sizeBytes,
      sequence: this.#store.floor.sequence,
      ledger: this.#store.ledger,
    };
  }

  poll(done: (result: PollResult) => void): void {
    const request = {
      method: "POST",
      url: `${this.#server.apiBase}/api/v1/check-update`,
      headers: [["Content-Type", "application/json"]],
      asDevice: true,
      body: asciiBody(JSON.stringify(this.checkUpdate())),
      timeoutMs: UPDATE_REQUEST_MS,
    } as const;
    this.#http.request(request, (result) => {
      const isAnswer = result.kind === "answered" && result.status === 200;
      const answer = isAnswer ? parseCheckUpdateAnswer(result.body) : undefined;
      if (answer === undefined) return done({ kind: "failed" });
      this.#server.learnTime(answer.timeMs);
      done({ kind: "answered", ...answer });
    });
  }
}
