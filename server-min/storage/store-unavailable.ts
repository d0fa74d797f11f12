/** A store behind a network does not answer, or not as it should: no bug of the server, and perhaps over soon. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
