/** `embedded:io/socket/*`: the simulated clients carry their own bytes; a socket class is only their option. */
export default class Socket {}
