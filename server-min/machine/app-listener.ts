import type { BlockList } from "node:net";
import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Hono } from "hono";
import { problemAnswer, refused } from "../problem-answer.ts";
import { clientAddress } from "./client-address.ts";
import type { HttpListeners } from "./http-listeners.ts";
import type { CallerCheck } from "./loopback-guard.ts";

/** What Node's server calls with each request: the app, behind what only a machine can say of a caller. */
export function buildListener(
  app: Hono,
  parts: {
    readonly checkCaller: CallerCheck;
    readonly proxies: BlockList;
    readonly listeners: HttpListeners;
    readonly report: (error: unknown) => void;
  },
) {
  const { checkCaller, proxies, listeners, report } = parts;
  const answer = (request: Request, { incoming, outgoing }: HttpBindings | Http2Bindings) => {
    // Only a connection from before still brings requests.
    if (listeners.isClosing) {
      return problemAnswer(refused("shutting_down"), { Connection: "close" });
    }
    const { host, origin } = incoming.headers;
    if (!host && incoming.httpVersion !== "1.0") {
      return problemAnswer(refused("invalid_request", "Host"));
    }
    const changesState = !/^(GET|HEAD|OPTIONS)$/.test(request.method);
    const refusal = checkCaller({ host, origin, changesState });
    if (refusal !== undefined) return problemAnswer(refusal);
    const caller = {
      outgoing,
      // Few routes ask, and to look behind proxies costs a tenth of a request.
      get address() {
        return clientAddress(incoming, proxies);
      },
    };
    return app.fetch(request, caller);
  };
  const errorHandler = (error: unknown) => {
    if (error instanceof RequestError)
      return problemAnswer(refused("invalid_request", error.message));
    report(error);
    return problemAnswer(refused("internal"));
  };
  // A load balancer's probe in HTTP/1.0 has no Host; no answer depends on the name.
  return getRequestListener(answer, { errorHandler, hostname: "localhost" });
}
