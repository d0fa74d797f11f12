/** `net`: the simulated network's DHCP offers no DNS server. */
export default {
  get(): undefined {
    return undefined;
  },
};
