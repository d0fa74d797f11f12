import { readSigningKey } from "../server-min/firmware/signing-key.ts";

/** Signs the releases of every test server; no firmware outside the tests trusts it. */
export const RELEASE_KEY_PEM = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7bCUe+96fu5GXAYH
T2+cQ3Hv6oodUpMdbYR+et0MtFyhRANCAASv6jLRIPhkq1fAGQW1YrVfWn6PQc1o
e7KdNA7mcanS6unnab3qCpU3txyvu9+vIFKQ2Vrokf/Qfn2kCj6rqY9V
-----END PRIVATE KEY-----
`;

export const RELEASE_KEY = readSigningKey(RELEASE_KEY_PEM);
