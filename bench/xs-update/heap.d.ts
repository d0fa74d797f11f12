/** From now on no garbage is left lying, and each step's peak is known. */
export function watchHeap(): void;
/** Ends a step: prints what is alive, and the most that was since the step before ended. */
export function markHeap(step: string): void;
