import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { isDeviceId } from "../../protocol/ids.ts";
import { isRecord, parseRecord } from "../../protocol/json.ts";
import type { RemoteLogLevel } from "../../protocol/log-messages.ts";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import { callServer, type Fields, type Target } from "../server/call.ts";
import type { MonitorOutput } from "./monitor-output.ts";
import { remoteLines } from "./remote-lines.ts";

const MINUTE_MS = 60_000;
/** Asked for again in time: a feeder stops by itself when nobody follows any more. */
const FOLLOW_MINUTES = 10;
const FOLLOW_AGAIN_MS = 5 * MINUTE_MS;
/** A feeder that was away is asked when it is heard again, and looked for so often. */
const ABSENT_AGAIN_MS = 10_000;
const RECONNECT_MS = 2_000;
/** The server pings every 30 s. */
const SILENCE_MS = 75_000;

/** A feeder somewhere else, by its server: its log, and what else it says in its room. */
export class FollowedFeeder {
  readonly #target: Target;
  readonly #deviceId: string;
  readonly #level: RemoteLogLevel;
  readonly #output: MonitorOutput;
  #socket: WebSocket | undefined;
  #isOver = false;
  #hasFollowed = false;
  #refusal: Failed | undefined;
  #bootId = "";
  #isAbsent = false;
  #nextAsk: NodeJS.Timeout | undefined;

  constructor(target: Target, deviceId: string, level: RemoteLogLevel, output: MonitorOutput) {
    this.#target = target;
    this.#deviceId = deviceId;
    this.#level = level;
    this.#output = output;
  }

  /** Resolves when `close` was called, or with why it cannot be followed in the first place. */
  async run(): Promise<Outcome<void>> {
    if (!isDeviceId(this.#deviceId)) {
      const hint = "npm run -s skyfeeder -- devices ls";
      return failed("invalid_device_id", `"${this.#deviceId}" is no device id`, hint, EXIT.usage);
    }
    while (!this.#isOver) {
      const address = await this.#socketAddress();
      if (address.kind === "failed" && !this.#hasFollowed) return address;
      if (address.kind === "done") await this.#listen(address.value);
      if (this.#refusal !== undefined) return this.#refusal;
      if (this.#isOver) break;
      this.#output.say("no connection to the server; tries again");
      await sleep(RECONNECT_MS);
    }
    return done(undefined);
  }

  async reset(): Promise<void> {
    const call = {
      method: "POST",
      path: "v1/ota/command",
      body: { deviceId: this.#deviceId, action: "restart" },
    } as const;
    const answer = await callServer(this.#target, call);
    this.#output.say(answer.kind === "failed" ? answer.failure.message : "restart");
  }

  async close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#nextAsk);
    this.#socket?.terminate();
  }

  /** Has the feeder send its log, which is kept nowhere: who asks must listen already. One that is away is no failure. */
  async #ask(): Promise<void> {
    clearTimeout(this.#nextAsk);
    const path = `v1/devices/${this.#deviceId}/log`;
    const body = { level: this.#level, minutes: FOLLOW_MINUTES };
    const answer = await callServer(this.#target, { method: "POST", path, body });
    const isAbsent = answer.kind === "failed" && answer.failure.code === "device_offline";
    if (isAbsent && !this.#isAbsent) this.#output.say(`${this.#deviceId} is away; waits for it`);
    this.#isAbsent = isAbsent;
    if (!this.#isOver) {
      const again = isAbsent ? ABSENT_AGAIN_MS : FOLLOW_AGAIN_MS;
      this.#nextAsk = setTimeout(() => void this.#ask(), again);
    }
    const isRefused = answer.kind === "failed" && !isAbsent;
    if (isRefused && !this.#hasFollowed) {
      this.#refusal = answer;
      await this.close();
    }
    this.#hasFollowed ||= !isRefused;
  }

  async #socketAddress(): Promise<Outcome<URL>> {
    const body = { rooms: [this.#deviceId] };
    const answer = await callServer(this.#target, {
      method: "POST",
      path: "v1/viewer-token",
      body,
    });
    if (answer.kind === "failed") return answer;
    const address = new URL("v1/ws", this.#target.base);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("token", String(answer.value.body.token));
    return done(address);
  }

  /** Resolves when the connection has ended. */
  #listen(address: URL): Promise<void> {
    const socket = new WebSocket(address, { handshakeTimeout: 15_000 });
    this.#socket = socket;
    const silence = setTimeout(() => socket.terminate(), SILENCE_MS);
    socket.on("ping", () => silence.refresh());
    socket.on("open", () => {
      this.#output.say(`follows ${this.#deviceId}`);
      void this.#ask();
    });
    socket.on("message", (data) => this.#hear(data.toString()));
    // A close follows.
    socket.on("error", () => {});
    return new Promise((resolve) => {
      socket.on("close", () => {
        clearTimeout(silence);
        resolve();
      });
    });
  }

  #hear(text: string): void {
    const message = parseRecord(text);
    if (message === undefined || message.deviceId !== this.#deviceId) return;
    this.#noticeStart(message);
    for (const line of remoteLines(message)) this.#output.show(line);
  }

  /** A feeder that has started anew knows of nobody who follows. */
  #noticeStart({ bootId, payload }: Fields): void {
    if (typeof bootId !== "string" || !isRecord(payload)) return;
    const isNew = this.#bootId !== "" && bootId !== this.#bootId;
    this.#bootId = bootId;
    if (isNew || this.#isAbsent) void this.#ask();
  }
}
