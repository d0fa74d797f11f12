const colourNames = [
  "head",
  "back",
  "wing",
  "wingBar",
  "breast",
  "belly",
  "breastStripe",
  "cap",
  "cheek",
  "eyeStripe",
  "bib",
  "face",
  "beak",
] as const;

type ColourName = (typeof colourNames)[number];

/** A colour is "none" where the kind lacks the marking. */
export type Plumage = Readonly<Record<ColourName, string>> & {
  readonly beakDepth: number;
  readonly size: number;
  readonly crest: boolean;
};

export interface Pose {
  readonly bodyTiltDeg: number;
  readonly headTiltDeg: number;
  readonly wingsUp?: boolean;
  readonly plump?: number;
}

export interface Perched {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly facesLeft: boolean;
  readonly pose: Pose;
  readonly infrared: boolean;
}

/** One kind a line: its colours in the order of `colourNames`, the depth of the beak, the size, and whether it has a crest. */
const KINDS = `
great-tit     f3f1ea 7f9a5d 5f7f9f f1f2ec f2d34b f4e38a 23242b 1d1f27 fbfaf4 ------ 1d1f27 ------ 2b2b30  0.8    1
blue-tit      f6f4ec 8fae6b 4f8fc8 f4f6f4 f6dd5e f8eb9c ------ 4f9ad6 ------ 22304f 22304f ------ 34343a  0.7  0.9
robin         8a7358 86704f 76603f ------ e2722b efe7da ------ ------ ------ ------ ------ e2722b 3a322b  0.6 0.98
goldfinch     f0e4d2 b98d5c 211f22 f3c733 d2a877 f6efe2 ------ 1f1d20 f8f2e8 ------ ------ c9282d eadfc8    1 0.95
bullfinch     1d1e24 8d99a6 23242b e9ecef e5735f f0a08c ------ 1d1e24 e5735f ------ ------ ------ 26262a 1.35 1.08
chaffinch     7e93ab a8684a 4a3f3a f5f3ee d88a6c eec9b4 ------ ------ cf8163 ------ ------ ------ 8b8f98  1.1 1.02
greenfinch    8f9a55 8a9a4f 6f7d4a f0d83c b3bb5a d9d98a ------ ------ ------ ------ ------ ------ e2c9ae 1.35 1.05
nuthatch      efe9dd 6f8fb0 5f7f9f ------ f2c896 e7a667 ------ 6f8fb0 ------ 20242c ------ ------ 3c4550 0.75 0.98
cardinal      c9473a b8443a 9d3a36 ------ d8503f e0705a ------ ------ ------ ------ 231d1f ------ ef8a3c 1.45 1.14 crest
house-sparrow b9aa93 96694a 7f5638 f0e8d8 cfc3b0 e4dccd ------ 86807a ------ 6e3f28 25211f ------ 2f2b29  1.2    1
`;

export const plumages: readonly Plumage[] = KINDS.trim().split("\n").map(plumageOf);

export const poses: readonly Pose[] = [
  { bodyTiltDeg: -4, headTiltDeg: 0 },
  { bodyTiltDeg: 26, headTiltDeg: 22 },
  { bodyTiltDeg: -12, headTiltDeg: -14 },
  { bodyTiltDeg: 6, headTiltDeg: -18, plump: 1.12 },
  { bodyTiltDeg: 10, headTiltDeg: -6, wingsUp: true },
  { bodyTiltDeg: 12, headTiltDeg: 8 },
];

const BODY = "M62-98C78-70 68-22 16-9C-20-1-60-16-78-46C-74-86-42-122 0-138C26-148 52-132 62-98Z";
const HEAD =
  "M5-127C5-148 20-161 43-161C66-161 80-146 80-126C80-106 64-92 42-92C20-92 5-106 5-127Z";
const TAIL = "M-50-66C-80-52-112-34-150-22L-143-6C-108-12-76-18-46-24Z";
const WING = "M20-108C-6-118-54-88-104-34C-66-32-8-36 20-62C32-76 34-98 20-108Z";
const RAISED_WING =
  "M26-98C14-150-40-206-122-232C-128-214-122-204-112-196C-122-194-122-184-110-174C-118-170-114-160-100-152C-106-146-98-138-86-130C-70-96-24-66 8-66C24-70 30-84 26-98Z";

/** Feet at the origin, looking to the right, about 230 wide and 165 high, before it is placed. */
export function drawBird(
  plumage: Plumage,
  { id, x, y, size, facesLeft, pose, infrared }: Perched,
): string {
  const scale = size * plumage.size;
  const plump = pose.plump ?? 1;
  return `<g transform="translate(${x} ${y}) scale(${facesLeft ? -scale : scale} ${scale})">
${legs()}
<g transform="rotate(${pose.bodyTiltDeg} 0 -24) scale(${plump} ${(1 + plump) / 2})">
${pose.wingsUp ? `<g transform="translate(26 6) rotate(24 0 -90)" opacity=".75">${raisedWing(plumage)}</g>` : ""}
${tail(plumage)}${body(plumage, id)}
<g transform="rotate(${pose.headTiltDeg} 26 -112)">${head(plumage, id, infrared)}</g>
${pose.wingsUp ? raisedWing(plumage) : foldedWing(plumage)}
</g></g>`;
}

function legs(): string {
  const leg = (x: number): string =>
    `<path d="M${x - 4}-22L${x}-2M${x}-2l13 3M${x}-2l10 6M${x}-2l-9 4"/>`;
  return `<g stroke="#5d4a42" stroke-width="4.2" stroke-linecap="round" fill="none">${leg(-12)}${leg(20)}</g>`;
}

function tail({ wing }: Plumage): string {
  return `<path d="${TAIL}" fill="${wing}"/><path d="M-52-44L-146-14" stroke="#000" stroke-opacity=".3" stroke-width="2.5"/>`;
}

function body({ back, breast, belly, breastStripe }: Plumage, id: string): string {
  return `<clipPath id="${id}body"><path d="${BODY}"/></clipPath><path d="${BODY}" fill="${back}"/>
<g clip-path="url(#${id}body)">
<path d="M72-146C20-140 24-104 14-74C6-50-30-26-66-22L-40 10L90 0Z" fill="${breast}"/>
<path d="M48-62C40-36 2-24-70-26L-30 10L70 4Z" fill="${belly}" opacity=".85"/>
<path d="M70-112C66-80 50-34 14-2L36 4C66-24 82-70 84-112Z" fill="${breastStripe}"/>
${feathers()}
<path d="${BODY}" fill="url(#shade)"/></g>`;
}

function feathers(): string {
  const rows = [
    [44, -72],
    [28, -58],
    [50, -50],
    [8, -40],
    [32, -36],
    [-14, -26],
    [14, -20],
  ] as const;
  const strokes = rows.map(([x, y]) => `<path d="M${x} ${y}q-3 7-10 9"/>`).join("");
  return `<g fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="2.4" stroke-linecap="round">${strokes}</g>`;
}

function foldedWing({ wing, wingBar }: Plumage): string {
  return `<path d="${WING}" fill="${wing}"/><path d="${WING}" fill="url(#shade)"/>
<path d="M-22-92C-10-82-4-72-4-58" fill="none" stroke="${wingBar}" stroke-width="7" stroke-linecap="round"/>
<g fill="none" stroke="#000" stroke-opacity=".28" stroke-width="2.2" stroke-linecap="round">
<path d="M8-62C-28-48-62-40-96-36"/><path d="M12-74C-22-64-56-50-88-38"/><path d="M6-88C-24-78-50-62-74-46"/></g>`;
}

function raisedWing({ wing, wingBar }: Plumage): string {
  return `<path d="${RAISED_WING}" fill="${wing}"/><path d="${RAISED_WING}" fill="url(#shade)"/>
<path d="M0-100C-24-130-52-152-84-166" fill="none" stroke="${wingBar}" stroke-width="7" stroke-linecap="round" opacity=".9"/>
<g fill="none" stroke="#000" stroke-opacity=".25" stroke-width="2.2" stroke-linecap="round">
<path d="M10-80C-30-120-70-170-116-200"/><path d="M6-74C-34-104-74-146-112-176"/><path d="M2-70C-34-92-68-124-102-152"/></g>`;
}

function head(plumage: Plumage, id: string, infrared: boolean): string {
  return `<clipPath id="${id}head"><path d="${HEAD}"/></clipPath>
${plumage.crest ? `<path d="M12-136C10-160 0-174-16-186C16-188 50-178 66-150Z" fill="${plumage.head}"/>` : ""}
<path d="${HEAD}" fill="${plumage.head}"/><g clip-path="url(#${id}head)">${markings(plumage)}
<path d="${HEAD}" fill="url(#shade)" opacity=".8"/></g>
${beak(plumage)}${eye(infrared)}`;
}

function markings({ cap, cheek, eyeStripe, bib, face }: Plumage): string {
  const marking = (d: string, colour: string): string => `<path d="${d}" fill="${colour}"/>`;
  return [
    marking("M44-140C60-146 90-140 92-120C92-92 70-80 48-84C36-92 34-128 44-140Z", face),
    marking("M-10-180H100V-136C80-144 60-143 48-136C32-127 24-112 14-92H-10Z", cap),
    marking("M24-112C26-124 42-128 56-124C68-120 70-106 58-100C44-96 26-98 24-112Z", cheek),
    marking("M92-126C68-140 42-140 8-118C36-124 66-126 92-114Z", eyeStripe),
    marking("M92-114C74-108 60-102 46-88H96Z", bib),
  ].join("");
}

function beak({ beak: colour, beakDepth }: Plumage): string {
  return `<g transform="translate(76 -120) scale(1 ${beakDepth})"><path d="M-2-10C12-10 22-4 29 2C20 8 10 11-2 10Z" fill="${colour}"/>
<path d="M0 1L28 2" stroke="#000" stroke-opacity=".45" stroke-width="1.6"/></g>`;
}

function eye(infrared: boolean): string {
  const glow = infrared ? `<circle cx="57" cy="-130" r="4.6" fill="#fff"/>` : "";
  return `<circle cx="57" cy="-130" r="8.6" fill="#fff" opacity=".22"/><circle cx="57" cy="-130" r="7.2" fill="#15120f"/>${glow}
<circle cx="59.6" cy="-132.8" r="2.3" fill="#fff"/>`;
}

function plumageOf(line: string): Plumage {
  const words = line.split(/\s+/).slice(1);
  const colours = colourNames.map((name, at) => [name, colourOf(words[at])] as const);
  const [beakDepth, size, crest] = words.slice(colourNames.length);
  const named = Object.fromEntries(colours) as Record<ColourName, string>;
  return { ...named, beakDepth: Number(beakDepth), size: Number(size), crest: crest === "crest" };
}

function colourOf(word: string | undefined): string {
  return word === undefined || word.startsWith("-") ? "none" : `#${word}`;
}
