/** Which faults hold what down: it is whole again when the last of them ends. */
export class ActiveFaults<Active> {
  readonly #active = new Map<string, readonly Active[]>();

  of(what: string): readonly Active[] {
    return this.#active.get(what) ?? [];
  }

  begin(what: string, fault: Active): void {
    this.#active.set(what, [...this.of(what), fault]);
  }

  end(what: string, fault: Active): void {
    const left = this.of(what).filter((other) => other !== fault);
    this.#active.set(what, left);
  }
}
