import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { encode } from "jpeg-js";

import { drawBird, plumages, poses } from "./scene-bird.ts";
import {
  dot,
  drawFeeder,
  drawGarden,
  drawRoof,
  type Light,
  RIM_Y,
  type Season,
} from "./scene-garden.ts";

export interface SceneInput {
  readonly capturedAtMs: number;
  /** What the garden's clocks are ahead of UTC: its light follows them, the caption does not. */
  readonly utcOffsetMs: number;
  readonly visitNumber: number;
  readonly deviceId: string;
  readonly random: () => number;
}

const WIDTH = 640;
const HEIGHT = 480;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;

/** The encoder's, by the camera's levels 1 to 9; 5 makes files as large as the AMB82-Mini's. */
const JPEG_QUALITIES = [16, 24, 32, 40, 48, 59, 70, 81, 92] as const;
/** Peak of the noise in grey levels; it also decides the size of the file, as it does in a real camera. */
const GRAIN_LEVELS = 3;
const BYTES_PER_PIXEL = 4;

// At import, never later: compiling runs on the thread pool, which a virtual world may not wait for.
await initWasm(
  readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")),
);

/** 640x480: what a camera under the feeder's roof sees, looking out over the tray. */
export function drawScene(input: SceneInput): string {
  const { capturedAtMs, visitNumber, deviceId, random } = input;
  const light = lightAt(capturedAtMs + input.utcOffsetMs);
  const season = seasonAt(capturedAtMs + input.utcOffsetMs);
  const garden = drawGarden(deviceId, season, light);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
${definitions(light)}
<g${light.infrared ? ' filter="url(#infrared)"' : ""}>
<g filter="url(#distance)">${garden}</g>
${drawFeeder(season, random)}
${visitors(visitNumber, light, random)}
${drawRoof()}
${illumination(light)}
</g>
${caption(`${isoSeconds(capturedAtMs)}  ${deviceId}`)}
</svg>`;
}

function isoSeconds(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

const NIGHT = { skyTop: "#14171c", skyBottom: "#2a2f36", tint: "rgb(255,255,255)" };
const DAWN = { skyTop: "#86a4dc", skyBottom: "#ffd0a8", tint: "#ffe4d0" };
const DUSK = { skyTop: "#5d5f9c", skyBottom: "#ff9d6e", tint: "#fbcfae" };
const DAY = { skyTop: "#8cc4ec", skyBottom: "#e9f5ee", tint: "#ffffff" };
const WHITE = "rgb(255,255,255)";
const TWILIGHT_HOURS = 0.6;
const GOLDEN_HOURS = 2;

function lightAt(atMs: number): Light {
  const hourOfDay = (atMs % MS_PER_DAY) / MS_PER_HOUR;
  const noonToSunsetHours = 6 - 2 * Math.cos((2 * Math.PI * (dayOfYear(atMs) + 10)) / 365);
  const sinceSunriseHours = noonToSunsetHours - Math.abs(hourOfDay - 12);
  const morning = hourOfDay < 12;
  if (sinceSunriseHours < -TWILIGHT_HOURS)
    return { ...NIGHT, infrared: true, height: 0.7, morning };
  const low = morning ? DAWN : DUSK;
  const share = clamp01((sinceSunriseHours - 0.3) / GOLDEN_HOURS);
  const mixed = (key: keyof typeof DAY): string => mix(low[key], DAY[key], share);
  const height = clamp01(
    (sinceSunriseHours + TWILIGHT_HOURS) / (noonToSunsetHours + TWILIGHT_HOURS),
  );
  return {
    skyTop: mixed("skyTop"),
    skyBottom: mixed("skyBottom"),
    tint: mixed("tint"),
    infrared: false,
    height,
    morning,
  };
}

function seasonAt(atMs: number): Season {
  const month = new Date(atMs).getUTCMonth();
  if (month === 11 || month < 2)
    return { lawn: ["#dfe7ee", "#f2f6fa"], leaves: ["#7d7a74", "#8f8a80", "#6c7468"], snow: true };
  if (month < 5)
    return { lawn: ["#8fbf62", "#b6d983"], leaves: ["#9cc76a", "#b9d98a", "#f2c6d3"], snow: false };
  if (month < 8)
    return { lawn: ["#6fa84e", "#93c467"], leaves: ["#4f8b45", "#66a153", "#3f7740"], snow: false };
  return {
    lawn: ["#8aa353", "#b3b765"],
    leaves: ["#d0823a", "#c2602f", "#dfae4a", "#8a9a4d"],
    snow: false,
  };
}

function dayOfYear(atMs: number): number {
  return (atMs - Date.UTC(new Date(atMs).getUTCFullYear(), 0, 1)) / MS_PER_DAY;
}

function definitions({ skyTop, skyBottom, infrared }: Light): string {
  const stop = (offset: number, colour: string, opacity = 1): string =>
    `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`;
  const gradient = (id: string, ...stops: string[]): string =>
    `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stops.join("")}</linearGradient>`;
  return `<defs>
${gradient("sky", stop(0, skyTop), stop(1, skyBottom))}
${gradient("shade", stop(0, "#fff", 0.22), stop(0.45, "#fff", 0), stop(1, "#1a1020", 0.34))}
${gradient("wood", stop(0, "#c9965f"), stop(1, "#9a683b"))}
${gradient("eaves", stop(0, "#4a2f1f"), stop(0.75, "#6d482e"), stop(1, "#3a2417"))}
${gradient("under", stop(0, "#000", 0.5), stop(1, "#000", 0))}
<radialGradient id="glow">${stop(0, "#fff6d8")}${stop(0.25, "#ffe9b0", 0.8)}${stop(1, "#ffe0a0", 0)}</radialGradient>
<radialGradient id="corners" cx=".5" cy=".58" r=".72">${stop(0.45, "#000", 0)}${stop(1, "#000", infrared ? 0.85 : 0.34)}</radialGradient>
<radialGradient id="lamp" cx=".5" cy=".66" r=".5">${stop(0, "#fff", 0.3)}${stop(1, "#fff", 0)}</radialGradient>
<filter id="distance" filterUnits="userSpaceOnUse" x="-20" y="0" width="680" height="400" color-interpolation-filters="sRGB"><feGaussianBlur stdDeviation="3.4"/></filter>
<filter id="infrared" color-interpolation-filters="sRGB" filterUnits="userSpaceOnUse" x="0" y="0" width="640" height="480"><feColorMatrix type="saturate" values="0"/></filter>
</defs>`;
}

function visitors(visitNumber: number, { infrared }: Light, random: () => number): string {
  const facesLeft = random() < 0.5;
  const accompanied = visitNumber % 3 === 2;
  const shiftPx = (accompanied ? 70 : 0) + 120 * random();
  const x = Math.round(facesLeft ? 300 + shiftPx : 340 - shiftPx);
  const size = dot(1.02 + 0.26 * random());
  const pose = nth(poses, visitNumber + Math.floor(random() * poses.length));
  const shadow = `<ellipse cx="${x}" cy="${RIM_Y + 6}" rx="${Math.round(70 * size)}" ry="6" fill="#2a1608" opacity=".35"/>`;
  const main = drawBird(nth(plumages, visitNumber), {
    id: "a",
    x,
    y: RIM_Y + 1,
    size,
    facesLeft,
    pose,
    infrared,
  });
  return shadow + main + (accompanied ? companion(visitNumber, facesLeft, infrared, random) : "");
}

/** Smaller, and looking at the main guest from the far end of the rim. */
function companion(
  visitNumber: number,
  facesLeft: boolean,
  infrared: boolean,
  random: () => number,
): string {
  const x = Math.round(facesLeft ? 90 + 30 * random() : 550 - 30 * random());
  const plumage = nth(plumages, visitNumber + 1 + Math.floor(4 * random()));
  const pose = nth(poses, Math.floor(random() * 4));
  return drawBird(plumage, {
    id: "b",
    x,
    y: RIM_Y + 1,
    size: 0.78,
    facesLeft: !facesLeft,
    pose,
    infrared,
  });
}

function illumination({ tint, infrared }: Light): string {
  const cast =
    tint === WHITE
      ? ""
      : `<rect width="640" height="480" fill="${tint}" style="mix-blend-mode:multiply"/>`;
  const lamp = infrared ? `<rect width="640" height="480" fill="url(#lamp)"/>` : "";
  return `${cast}${lamp}<rect width="640" height="480" fill="url(#corners)"/>`;
}

/** Strokes on a grid 4 wide and 6 high: a bare machine has no font. */
const GLYPHS = new Map(
  `
0=M1,0H3L4,1V5L3,6H1L0,5V1ZM1,5L3,1 1=M1,1L2,0V6M1,6H3 2=M0,1L1,0H3L4,1V2L0,6H4
3=M0,0H4L2,2.5H3L4,3.5V5L3,6H1L0,5 4=M3,6V0L0,4H4 5=M4,0H0V2.5H3L4,3.5V5L3,6H0 6=M3,0H2L0,2V5L1,6H3L4,5V4L3,3H0
7=M0,0H4L1.5,6 8=M1,3L0,2V1L1,0H3L4,1V2L3,3H1L0,4V5L1,6H3L4,5V4L3,3 9=M1,6H2L4,4V1L3,0H1L0,1V2L1,3H4
A=M0,6V2L2,0L4,2V6M0,4H4 B=M0,0V6H3L4,5V4L3,3L4,2V1L3,0ZM0,3H3 C=M4,1L3,0H1L0,1V5L1,6H3L4,5
D=M0,0V6H2L4,4V2L2,0Z E=M4,0H0V6H4M0,3H3 F=M4,0H0V6M0,3H3 G=M4,1L3,0H1L0,1V5L1,6H3L4,5V3H2 H=M0,0V6M4,0V6M0,3H4
I=M1,0H3M2,0V6M1,6H3 J=M4,0V5L3,6H1L0,5 K=M0,0V6M4,0L0,3.5M1.5,2.5L4,6 L=M0,0V6H4 M=M0,6V0L2,2L4,0V6
N=M0,6V0L4,6V0 O=M1,0H3L4,1V5L3,6H1L0,5V1Z P=M0,6V0H3L4,1V2L3,3H0 Q=M1,0H3L4,1V5L3,6H1L0,5V1ZM2.5,4.5L4,6
R=M0,6V0H3L4,1V2L3,3H0M2,3L4,6 S=M4,1L3,0H1L0,1V2L1,3H3L4,4V5L3,6H1L0,5 T=M0,0H4M2,0V6 U=M0,0V5L1,6H3L4,5V0
V=M0,0L2,6L4,0 W=M0,0L1,6L2,3L3,6L4,0 X=M0,0L4,6M4,0L0,6 Y=M0,0L2,3L4,0M2,3V6 Z=M0,0H4L0,6H4 -=M1,3H3
:=M2,1.8V2.2M2,4.8V5.2 _=M0,6H4 .=M2,5.8V6
`
    .trim()
    .split(/\s+/)
    .map((glyph) => [glyph.charAt(0), glyph.slice(2)] as const),
);

function caption(text: string): string {
  const strokes = [...text.toUpperCase()].map(
    (letter, at) => `<path transform="translate(${at * 6} 0)" d="${GLYPHS.get(letter) ?? ""}"/>`,
  );
  return `<rect y="452" width="640" height="28" fill="#000" opacity=".58"/>
<g transform="translate(14 459.5) scale(2.2)" fill="none" stroke="#fff" stroke-width=".8" stroke-linecap="round" stroke-linejoin="round">${strokes.join("")}</g>`;
}

function nth<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError(`nothing at ${index}`);
  return item;
}

function mix(from: string, to: string, share: number): string {
  const channel = (colour: string, at: number): number =>
    Number.parseInt(colour.slice(at, at + 2), 16);
  const channels = [1, 3, 5].map((at) =>
    Math.round(channel(from, at) * (1 - share) + channel(to, at) * share),
  );
  return `rgb(${channels.join(",")})`;
}

function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value));
}

export function renderJpeg(svg: string, random: () => number, quality: number): Uint8Array {
  const { data, width, height } = rasterise(svg);
  addGrain(data, random);
  return new Uint8Array(encode({ data, width, height }, JPEG_QUALITIES[quality - 1]).data);
}

function rasterise(svg: string): { data: Uint8Array; width: number; height: number } {
  const drawing = new Resvg(svg);
  const image = drawing.render();
  const raster = { data: image.pixels, width: image.width, height: image.height };
  image.free();
  drawing.free();
  return raster;
}

/** The same step on red, green and blue: chroma noise would double the file. */
function addGrain(pixels: Uint8Array, random: () => number): void {
  for (let at = 0; at < pixels.length; at += BYTES_PER_PIXEL) {
    const levels = Math.round((random() + random() - 1) * GRAIN_LEVELS);
    for (let channel = at; channel < at + 3; channel++)
      pixels[channel] = clampByte((pixels[channel] ?? 0) + levels);
  }
}

function clampByte(level: number): number {
  return Math.max(0, Math.min(255, level));
}
