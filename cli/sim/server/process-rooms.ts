import type { ServerProcess } from "../../../host-sim/peers/server-process.ts";
import type { Clock } from "../../../server-min/ports.ts";
import type { Peer } from "../../../server-min/relay/peer.ts";
import { type JoinResult, Rooms } from "../../../server-min/relay/rooms.ts";

/** What a peer is told when no close frame came (RFC 6455, 7.4.1). */
const ABNORMAL_CLOSURE = 1006;

/** The rooms of one process: after its end they say nothing and hear nothing. */
export class ProcessRooms extends Rooms {
  readonly #process: ServerProcess;
  #isBroken = false;

  constructor(clock: Clock, relaySecret: string, process: ServerProcess) {
    super(clock, relaySecret);
    this.#process = process;
  }

  override join(token: string | undefined, peer: Peer): JoinResult {
    const whileAlive = (run: (text: string) => void) => (text: string) => {
      if (this.#process.isAlive) run(text);
    };
    const send = whileAlive((text) => peer.send(text));
    const close = (code: number, reason: string) => peer.close(code, reason);
    const joining = super.join(token, { send, close });
    if (joining.kind === "refused") return joining;
    const { member } = joining;
    const receive = whileAlive((text) => member.receive(text));
    return { kind: "joined", member: { receive, leave: () => member.leave() } };
  }

  /** The operating system resets every connection of the process, once. */
  breakAll(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.closeAll(ABNORMAL_CLOSURE, "broken");
  }
}
