import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isTokenRefusal,
  parseEnrolmentAnswer,
  parseTokenAnswer,
} from "../../protocol/enrolment.ts";

const ANSWER = { deviceCode: "c2VjcmV0", claimCode: "WDJB-MJHT", expiresIn: 1_800, interval: 5 };

test.each([
  [401, '{"code":"token_missing"}', true],
  [401, '{"code":"token_invalid"}', true],
  [401, '{"code":"token_expired"}', true],
  [401, '{"code":"token_revoked"}', true],
  [401, '{"code":"password_wrong"}', false],
  [401, "<html>Please log in to the hotel's Wi-Fi</html>", false],
  [403, '{"code":"token_missing"}', false],
  [200, '{"code":"token_missing"}', false],
])("%i %s asks for a token: %s", (status, body, asks) => {
  expect(isTokenRefusal(status, body)).toBe(asks);
});

test.each([
  {},
  { deviceCode: 1 },
  { deviceCode: "x".repeat(65) },
  { claimCode: "WDJB\u001b[2J" },
  { claimCode: "" },
  { claimCode: "B".repeat(17) },
  { expiresIn: "1800" },
  { interval: null },
])("of an enrolment only %j is judged", (part) => {
  const answer = parseEnrolmentAnswer(JSON.stringify({ ...ANSWER, ...part }));
  expect(answer).toEqual(Object.keys(part).length === 0 ? ANSWER : undefined);
});

test.each([
  ["a.b-c_d.e", "a.b-c_d.e"],
  ["", undefined],
  ["a b", undefined],
  ["a\r\nX-API-Key: k", undefined],
  ["x".repeat(1_025), undefined],
  [7, undefined],
])("a token %j is taken as %j", (token, taken) => {
  expect(parseTokenAnswer(JSON.stringify({ token, expiresIn: 1 }))).toBe(taken);
});

test("whatever comes, the answer is one or none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      expect(parseEnrolmentAnswer(body)).toBeUndefined();
      expect(parseTokenAnswer(body)).toBeUndefined();
      expect(isTokenRefusal(401, body)).toBe(false);
    }),
  );
});
