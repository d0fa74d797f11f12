/** The code that a feeder shows on its serial log; undefined in any other line. */
export function claimCodeIn(line: string): string | undefined {
  return /identity: claim code ([A-Z]{4}-[A-Z]{4})/.exec(line)?.[1];
}
