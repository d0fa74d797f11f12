import { expect, test } from "vitest";
import { formatRoute, parseRoute } from "../../dashboard/routes.ts";

const photo = { deviceId: "garden", id: "c1" };

test.each([
  ["#/", { deviceId: undefined, date: undefined, photo: undefined }],
  ["#/garden", { deviceId: "garden", date: undefined, photo: undefined }],
  ["#/garden/2026-11-21", { deviceId: "garden", date: "2026-11-21", photo: undefined }],
  ["#/garden/2026-11-21/c1", { deviceId: "garden", date: "2026-11-21", photo }],
  ["#/-/2026-11-21", { deviceId: undefined, date: "2026-11-21", photo: undefined }],
  ["#/-/2026-11-21/garden/c1", { deviceId: undefined, date: "2026-11-21", photo }],
])("%s leads there and back", (address, route) => {
  expect(parseRoute(address)).toEqual(route);
  expect(formatRoute(route)).toBe(address);
});

test.each([
  ["", "#/"],
  ["#garden", "#/garden"],
  ["#/garden/", "#/garden"],
  ["#/-", "#/"],
  ["#/-/2026-11-21/garden", "#/-/2026-11-21"],
])("%s, typed by hand, is understood as %s", (address, understood) => {
  expect(parseRoute(address)).toEqual(parseRoute(understood));
});

test.each([
  "#/garden/2026-02-30",
  "#/garden/2026-13-01/c1",
  "#/garden/yesterday/c1",
  "#/-/2026-00-01",
  "#/%zz/%",
  "#/_garden",
  `#/${"a".repeat(49)}`,
])("%s names what cannot exist, and leads nowhere", (address) => {
  expect(parseRoute(address)).toBeUndefined();
});

test("a year that leaps has its day", () => {
  expect(parseRoute("#/garden/2028-02-29")?.date).toBe("2028-02-29");
});
