import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** The row of days fades out over its last 2.5rem. */
const FADE_PX = 40;

/** Links in a row that scrolls sideways when it is longer than the page; the current one is never out of sight. */
export function Strip(props: {
  name: "feeders" | "days";
  label: string;
  current: string | undefined;
  length: number;
  children: ComponentChildren;
}) {
  const { name, label, current, length, children } = props;
  const row = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    if (row.current !== null) showCurrent(row.current);
  }, [current, length]);
  return (
    <nav class={name} aria-label={label}>
      <ul ref={row}>{children}</ul>
    </nav>
  );
}

/** At once, and not by scrollIntoView(), which would move the page too. */
function showCurrent(row: HTMLElement): void {
  const link = row.querySelector("[aria-current]")?.getBoundingClientRect();
  if (link === undefined) return;
  const { left, right } = row.getBoundingClientRect();
  if (link.left >= left && link.right <= right - FADE_PX) return;
  row.scrollLeft += (link.left + link.right - left - right) / 2;
}
