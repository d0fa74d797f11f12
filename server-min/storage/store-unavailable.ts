/**
 * A store behind a network does not answer, or not as it should: no bug of the server, and perhaps over soon. Its cause
 * is what the store's driver said, where one did.
 */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
