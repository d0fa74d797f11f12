/** 2001 in milliseconds, the year 33658 in seconds: tools of the first stack send either. */
const MILLISECONDS_MIN = 1e12;

export function millisecondsOf(unixTime: number): number {
  return unixTime < MILLISECONDS_MIN ? unixTime * 1000 : unixTime;
}
