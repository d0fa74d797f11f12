import { PORTAL_GOODBYE_MS, PORTAL_GOODBYE_SEEN_MS, PORTAL_IDLE_MS } from "../limits.ts";
import type { JoinResult, Ports, TimerHandle } from "../ports.ts";
import type { SetupPorts } from "../setup-ports.ts";
import type { PortalRequest } from "./http-request.ts";
import type { PortalView } from "./page.ts";
import { formToken, portalNetwork, portalPassword } from "./portal-access.ts";
import { answerRequest, type PortalAnswer, type PortalWish } from "./portal-answer.ts";
import { servePortal } from "./portal-server.ts";
import {
  FIRST_STATE,
  type PortalEffect,
  type PortalInput,
  type ServerVerdict,
  type Submission,
  stepPortal,
} from "./portal-state.ts";
import { readDraft } from "./submission.ts";

/** What the portal has others do. Each calls back once, but `enrol`, which tells each code, or that there will be none. */
export interface PortalWork {
  /** And keeps what was submitted, where it worked. */
  join(submission: Submission, done: (result: JoinResult) => void): void;
  ask(done: (verdict: ServerVerdict) => void): void;
  /** `over`: the server may be asked again. */
  enrol(shown: (claimCode: string | undefined) => void, over: () => void): void;
  /** All is done, or nobody came: the network is no longer needed. */
  leave(): void;
}

type PortalPorts = Pick<Ports, "time" | "entropy" | "board" | "store" | "log"> & SetupPorts;

/** The page on the board's own network, from the first look to the last. */
export class Portal {
  readonly #ports: PortalPorts;
  readonly #work: PortalWork;
  #view: PortalView;
  #ending: TimerHandle | undefined;

  constructor(ports: PortalPorts, work: PortalWork, draft: Submission) {
    this.#ports = ports;
    this.#work = work;
    this.#view = { network: "", token: "", nearby: [], draft, state: FIRST_STATE };
  }

  /** The scan comes first: it finds what the page shows, and turns the radio on in the mode that can have a network added. */
  open(): void {
    this.scan(() => {
      const { accessPoint, board, entropy, store, log } = this.#ports;
      const network = portalNetwork(board.mac);
      const password = portalPassword(store, entropy);
      this.#view = { ...this.#view, network, token: formToken(entropy) };
      accessPoint.open(network, password);
      const address = accessPoint.address();
      servePortal(this.#ports, address, (request) => this.answer(request, address.join(".")));
      log.write(
        "info",
        "portal",
        `join ${network} with ${password}, open http://${address.join(".")}/`,
      );
      this.endAfter(PORTAL_IDLE_MS);
    });
  }

  private answer(request: PortalRequest, address: string): PortalAnswer {
    const answer = answerRequest(request, this.#view, address);
    if (answer.wish !== undefined) this.grant(answer.wish);
    return answer;
  }

  private grant(wish: PortalWish): void {
    const isOnline = this.#view.state.kind === "online";
    this.endAfter(isOnline ? PORTAL_GOODBYE_SEEN_MS : PORTAL_IDLE_MS);
    if (wish.kind === "scan") this.take({ kind: "look" });
    if (wish.kind === "submit" && this.#view.state.kind === "form") this.submit(wish.form);
  }

  private submit(form: Uint8Array): void {
    const { problem, ...draft } = readDraft(form, this.#view.draft);
    this.#view = { ...this.#view, draft };
    this.take({ kind: "submitted", problem });
  }

  private take(input: PortalInput): void {
    const { state, effect } = stepPortal(this.#view.state, input);
    this.#view = { ...this.#view, state };
    if (effect !== undefined) this.do(effect);
  }

  private do(effect: PortalEffect): void {
    switch (effect) {
      case "scan":
        return this.scan(() => this.take({ kind: "heard" }));
      case "join":
        return this.#work.join(this.#view.draft, (result) => this.take({ kind: "joined", result }));
      case "ask":
        return this.#work.ask((verdict) => this.take({ kind: "answered", verdict }));
      case "enrol":
        return this.#work.enrol(
          (claimCode) => this.take({ kind: "shown", claimCode }),
          () => this.take({ kind: "enrolled" }),
        );
      case "leave":
        return this.endAfter(PORTAL_GOODBYE_MS);
    }
  }

  private scan(done: () => void): void {
    this.#ports.wifiSetup.scan((nearby) => {
      this.#view = { ...this.#view, nearby };
      done();
    });
  }

  private endAfter(delayMs: number): void {
    this.#ending?.cancel();
    this.#ending = this.#ports.time.after(delayMs, () => this.#work.leave());
  }
}
