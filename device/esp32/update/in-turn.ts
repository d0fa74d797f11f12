import type { Http, HttpLane } from "../ports.ts";

/** Each exchange waits for its turn: beside the session's link there is RAM for one more. */
export function inTurn(lane: HttpLane): Http {
  return {
    request(request, done) {
      lane.takeTurn((leave) => {
        lane.request(request, (result) => {
          leave();
          done(result);
        });
      });
    },
  };
}
