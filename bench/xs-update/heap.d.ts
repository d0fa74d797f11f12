/** Ends a step: prints what is alive, and the most that was alive at once since the step before ended. */
export function markHeap(name: string): void;
