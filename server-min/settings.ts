export interface Settings {
  /** What clients reach this server by, without a slash at the end; every URL handed out starts with it. */
  readonly publicUrl: string;
  /** Signs and checks the tokens of the relay. */
  readonly relaySecret: string;
  /** Signs and checks the URLs of uploads. */
  readonly uploadSecret: string;
  /** Opens /v1/test: never on a server that strangers reach. */
  readonly testRoutes: boolean;
}
