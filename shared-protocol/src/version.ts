/**
 * The protocol's version: one integer for everything that the planes say to each other.
 *
 * History
 * - 1 (2026-11-21): first version. Signed manifests and sections, heartbeats, ingest; leases are described, not yet served.
 * - 2 (2026-11-21): tokens written to a cache for an hour are a class of their own, which prices may name. Further kinds of
 *   providers, credential sources and surfaces, which version 1 reads as unknown. What is billed without being tokens has
 *   classes too. Prices may have thresholds by length, variants by service tier and geography, or be unknown; answers to
 *   commands say a reason. Routes say what becomes of opaque state of other issuers.
 */
export const PROTOCOL_VERSION = 2;

/** The oldest version that the control plane still answers in. */
export const OLDEST_PROTOCOL_VERSION = 1;

/** Names of the headers that every request or answer of the protocol carries. */
export const PROTOCOL_HEADERS = {
  /** Both ways: the version that the body is written in. */
  version: 'bonito-protocol',
  /** Agent to control plane: the id of this process. */
  instance: 'bonito-instance',
  /** Control plane to agent: its time, ISO 8601 with milliseconds, so that skew can be measured. */
  time: 'bonito-time',
  /** Control plane to agent, on a config answer: `now` asks for a heartbeat at once. */
  beat: 'bonito-beat',
} as const;
