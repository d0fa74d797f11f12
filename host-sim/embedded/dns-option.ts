/** The `dns` option of the ECMA-419 clients: a resolver class, and what its constructor is given. */
export interface DnsOption {
  readonly io: new (
    options: object,
  ) => {
    resolve(query: {
      host: string;
      onResolved(host: string, address: string): void;
      onError(host: string): void;
    }): void;
  };
}
