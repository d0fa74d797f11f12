import { expect, test } from "vitest";
import { readDraft } from "../../../device/esp32/portal/submission.ts";

const NOTHING = { wifi: { ssid: "", password: "" }, serverUrl: "", name: "" };
const TYPED = {
  ssid: "garden",
  other: "",
  password: "eight-or-more",
  server: "http://192.168.1.10:8080",
  name: "Pear tree",
};

function read(typed: Partial<typeof TYPED> = {}, before = NOTHING) {
  return readDraft(Buffer.from(String(new URLSearchParams({ ...TYPED, ...typed }))), before);
}

test("what was typed", () => {
  expect(read({ server: " https://feeders.example/ ", name: " Am Häuschen " })).toEqual({
    wifi: { ssid: "garden", password: "eight-or-more" },
    serverUrl: "https://feeders.example",
    name: "Am Häuschen",
    problem: undefined,
  });
});

test("a network that is not in the list; one from the list comes first", () => {
  expect(read({ ssid: "", other: " hidden" }).wifi.ssid).toBe(" hidden");
  expect(read({ other: "hidden" }).wifi.ssid).toBe("garden");
});

test("a password that was typed before for the same network is not asked for again", () => {
  const before = { ...NOTHING, wifi: { ssid: "garden", password: "known-already" } };
  expect(read({ password: "" }, before).wifi.password).toBe("known-already");
  expect(read({ password: "", ssid: "guests" }, before).wifi.password).toBe("");
  expect(read({ password: "another-one" }, before).wifi.password).toBe("another-one");
});

test.each([
  [{ ssid: "" }, "no_name"],
  [{ ssid: "ü".repeat(17) }, "bad_name"],
  [{ password: "seven-7" }, "bad_password"],
  [{ password: "x".repeat(64) }, "bad_password"],
  [{ password: "" }, undefined],
  [{ password: "x".repeat(63) }, undefined],
  [{ server: "" }, "bad_server"],
  [{ server: "192.168.1.10:8080" }, "bad_server"],
  [{ server: "ftp://a.b" }, "bad_server"],
  [{ server: "http://user@a.b" }, "bad_server"],
  [{ server: `http://${"a".repeat(80)}` }, "bad_server"],
  [{ name: "" }, undefined],
  [{ name: "x".repeat(33) }, "long_name"],
  [{ name: "a\u001b[2Jb" }, "long_name"],
])("%j: %s", (typed, problem) => {
  expect(read(typed).problem).toBe(problem);
});
