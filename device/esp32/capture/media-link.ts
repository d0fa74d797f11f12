/** What taking in stills and clips needs of the link to the camera. */
export interface MediaLink {
  nowMs(): number;
  /** Data of this object follows from the offset; it replaces the read before. */
  read(id: number, fileOffsetBytes: number): void;
  /** The object is delivered: the camera forgets it. */
  finish(id: number): void;
  /** The object is not wanted: the camera forgets it. */
  cancel(id: number): void;
  /** No still is being read: a clip that was interrupted for one may go on. */
  stillsDone(): void;
}
