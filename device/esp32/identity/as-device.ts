import { isTokenRefusal } from "../../../protocol/enrolment.ts";
import type { Http } from "../ports.ts";
import type { TokenStore } from "./token-store.ts";

/** Puts the token to what is asked of the server's own API, and hears when it is not taken. */
export function asDevice(http: Http, tokens: TokenStore, refused: () => void): Http {
  return {
    request(request, done) {
      if (request.asDevice !== true) return http.request(request, done);
      const { token } = tokens;
      const headers =
        token === undefined
          ? request.headers
          : [...request.headers, ["Authorization", `Bearer ${token}`] as const];
      http.request({ ...request, headers }, (result) => {
        if (result.kind === "answered" && isTokenRefusal(result.status, result.body)) refused();
        done(result);
      });
    },
  };
}
