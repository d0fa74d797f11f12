import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PortalView, renderPage } from "../../../device/esp32/portal/page.ts";
import { PROBLEM_WORDS } from "../../../device/esp32/portal/page-words.ts";
import type { PortalProblem, PortalState } from "../../../device/esp32/portal/portal-state.ts";

const VIEW: PortalView = {
  network: "SkyFeeder-1A2B",
  token: "0123456789abcdef",
  nearby: [
    { ssid: "garden", rssiDbm: -58, secured: true },
    { ssid: "Café & Söhne", rssiDbm: -70, secured: false },
    { ssid: "far", rssiDbm: -82, secured: true },
  ],
  draft: { wifi: { ssid: "", password: "" }, serverUrl: "", name: "" },
  state: { kind: "form", problem: undefined },
};

const page = (view: Partial<PortalView> = {}) => renderPage({ ...VIEW, ...view });

const STATES: readonly PortalState[] = [
  { kind: "form", problem: undefined },
  { kind: "form", problem: "wrong_password" },
  { kind: "form", problem: "denied" },
  { kind: "looking", problem: undefined },
  { kind: "joining" },
  { kind: "asking" },
  { kind: "waiting", claimCode: undefined },
  { kind: "waiting", claimCode: "WDJB-MJHT" },
  { kind: "online" },
];

describe.each(STATES)("the page at %j", (state) => {
  test("is one document of ASCII that asks for nothing else", () => {
    const text = page({ state });
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).not.toMatch(/\b(src|@import|url\()/);
    expect(text.match(/href="[^"]*"/g) ?? []).toEqual(text.includes("href") ? ['href="/"'] : []);
  });

  test("looks again by itself only while there is something to wait for", () => {
    const waits = !["form", "online"].includes(state.kind);
    expect(page({ state }).includes("<script")).toBe(waits);
  });
});

test("what is heard is listed, with its strength, and what needs no password", () => {
  const options = page().match(/<option[^>]*>[^<]*/g);
  expect(options).toEqual([
    '<option value="garden">garden (strong)',
    '<option value="Caf&#233; &#38; S&#246;hne">Caf&#233; &#38; S&#246;hne (good, open)',
    '<option value="far">far (weak)',
    '<option value="">Another one',
  ]);
});

test("what was typed stands there again, and no password", () => {
  const wifi = { ssid: "garden", password: "eight-or-more" };
  const draft = { wifi, serverUrl: "http://a.b:8080", name: '"Am Häuschen" <b>' };
  const text = page({ draft, state: { kind: "form", problem: "no_answer" } });
  expect(text).toContain('<option value="garden" selected>');
  expect(text).toContain('value="http://a.b:8080"');
  expect(text).toContain('value="&#34;Am H&#228;uschen&#34; &#60;b&#62;"');
  expect(text).not.toContain(wifi.password);
});

test("a network that is not in the list is in the field beside it", () => {
  const draft = { ...VIEW.draft, wifi: { ssid: "hidden one", password: "" } };
  expect(page({ draft })).toContain(
    'name="other" maxlength="32" autocapitalize="none" autocomplete="off" value="hidden one"',
  );
});

test.each(Object.keys(PROBLEM_WORDS) as PortalProblem[])(
  "%s has words, beside its field",
  (problem) => {
    const text = page({ state: { kind: "form", problem } });
    expect(text).toContain(`role="alert">${PROBLEM_WORDS[problem]}<`);
    expect(text.match(/aria-describedby="problem"/g)).toHaveLength(1);
  },
);

/** But options, of which there are as many as networks. */
function tagsOf(text: string): readonly string[] {
  return (text.match(/<[^ >]+/g) ?? []).filter((tag) => !tag.includes("option"));
}

test("neighbours cannot make it longer than 8 KB, nor write into it", () => {
  const ssid = fc.string({ unit: "binary", minLength: 1, maxLength: 32 });
  const network = fc.record({
    ssid,
    rssiDbm: fc.integer({ min: -100, max: 0 }),
    secured: fc.boolean(),
  });
  const nearby = fc.array(network, { maxLength: 16 });
  const name = fc.string({ unit: "binary", maxLength: 32 });
  const problem = fc.constantFrom(...(Object.keys(PROBLEM_WORDS) as PortalProblem[]));
  const draft = fc.record({
    wifi: fc.record({ ssid, password: fc.constant("") }),
    serverUrl: fc.string({ maxLength: 80 }),
    name,
  });
  fc.assert(
    fc.property(nearby, draft, problem, (heard, typed, why) => {
      const text = page({ nearby: heard, draft: typed, state: { kind: "form", problem: why } });
      expect(text.length).toBeLessThanOrEqual(8_192);
      expect(tagsOf(text)).toEqual(tagsOf(page({ state: { kind: "form", problem: why } })));
      expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    }),
  );
});
