/** Line icons on a 24 grid, in the colour of the text beside them; the text says what they mean. */
const PATHS = {
  bird: "M3 16.5c4 .3 5.2-2.2 6.1-5C10 8.8 11.6 7 14.2 7c1.9 0 3.2 1 3.7 2.5l2.6 1-2.5 1.1c-.2 4.4-3.4 7.4-7.6 7.4-3.2 0-5.8-.9-7.4-2.5zM11 19l-.6 2.5M14 18.5l.6 3",
  camera: "M4 7h3.5L9 5h6l1.5 2H20v11H4zM12 15.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  upload: "M12 15V5m0 0L8 9m4-4 4 4M5 15v3.5h14V15",
  photo: "M4.5 5.5h15v13h-15zM5 16l4.5-4.5 3.5 3.5 2-2 4 4M15.5 9.5h.01",
  pulse: "M3 12.5h4l2.5-6 4.5 12 2.5-6H21",
  link: "M5 12.5 10 17l9-10",
  warning: "M12 4.5 3.5 19h17zM12 10v4.5M12 16.8h.01",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6 6 18",
  save: "M12 5v10m0 0-4-4m4 4 4-4M5 15.5V19h14v-3.5",
  up: "M12 19V6m0 0-5 5m5-5 5 5",
  chevron: "M6 15l6-6 6 6",
  play: "M8 5.5v13l11-6.5z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
