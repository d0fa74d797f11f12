const isSmoke = process.argv.includes("--smoke");

/** Median of five; the smoke run only shows that it runs. */
export const ROUNDS = isSmoke ? 1 : 5;
export const SECONDS = isSmoke ? 1 : 4;
