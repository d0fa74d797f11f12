import type { ServerPort, ServerSocket, SocketPeer } from "../../../host-sim/network/internet.ts";

export interface FeederTally {
  readonly deviceId: string;
  /** How often it joined its room. */
  readonly joins: number;
  readonly uploads: number;
  /** Attempts; the feeder tries again. */
  readonly uploadsFailed: number;
}

/** Counts what one feeder and a server say to each other, and tells of it. */
export class DrivenFeeder {
  readonly #deviceId: string;
  readonly #tell: (line: string) => void;
  readonly #sockets = new Set<ServerSocket>();
  #isSwitchedOff = false;
  #joins = 0;
  #uploads = 0;
  #uploadsFailed = 0;

  constructor(deviceId: string, tell: (line: string) => void) {
    this.#deviceId = deviceId;
    this.#tell = (line) => {
      if (!this.#isSwitchedOff) tell(`${deviceId}: ${line}`);
    };
  }

  /** Where the server trusts nobody, it waits until a person lets it in. */
  show(claimCode: string | undefined): void {
    if (claimCode !== undefined) this.#tell(`waits to be let in, claim code ${claimCode}`);
  }

  between(server: ServerPort): ServerPort {
    return {
      request: async (request) => {
        const step = stepOf(request);
        const answer = await server.request(request).catch((error: unknown) => {
          if (step !== undefined) this.#failed(step, "no connection");
          throw error;
        });
        if (step !== undefined && !answer.ok) this.#failed(step, `answered ${answer.status}`);
        if (step === "upload" && answer.ok) this.#stored(request.body?.length ?? 0);
        return answer;
      },
      connect: (url, peer) => {
        const socket = server.connect(
          url,
          this.#watching(peer, () => this.#sockets.delete(socket)),
        );
        this.#sockets.add(socket);
        return socket;
      },
    };
  }

  /** A board that is switched off closes nothing, and its connections would keep this process; no more is told. */
  hangUp(): void {
    this.#isSwitchedOff = true;
    for (const socket of this.#sockets) socket.close();
  }

  tally(): FeederTally {
    return {
      deviceId: this.#deviceId,
      joins: this.#joins,
      uploads: this.#uploads,
      uploadsFailed: this.#uploadsFailed,
    };
  }

  #stored(bytes: number): void {
    this.#uploads++;
    this.#tell(`upload ok, ${bytes} bytes`);
  }

  #failed(step: "presign" | "upload", why: string): void {
    this.#uploadsFailed++;
    this.#tell(`${step} failed: ${why}`);
  }

  #watching(peer: SocketPeer, ended: () => void): SocketPeer {
    return {
      opened: () => {
        this.#joins++;
        this.#tell("online");
        peer.opened();
      },
      message: (text) => peer.message(text),
      closed: (reason) => {
        ended();
        this.#tell(`offline: ${reason}`);
        peer.closed(reason);
      },
    };
  }
}

/** The two requests of an upload; either may fail it. */
function stepOf({ method, url }: { readonly method: string; readonly url: string }) {
  if (method === "PUT") return "upload";
  return url.endsWith("/v1/presign/put") ? "presign" : undefined;
}
