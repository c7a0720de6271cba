import type { OpenAttempt } from '../gateway/ports.ts';

/** A request with attempts whose record did not come yet. */
export interface OpenRequest {
  readonly id: string;
  /** Never empty. */
  readonly attempts: OpenAttempt[];
  /** Whether any of its lines may be on disk: then its record must go there too, or it would be billed as unknown besides. */
  onDisk: boolean;
  /** The next one in the same bucket. */
  next: OpenRequest | undefined;
}

const FIRST_BUCKETS = 1_024;

/**
 * The open requests by id. In place of a Map, which makes itself a new table again and again while entries come and go with
 * each request, and leaves the old ones to the garbage collector.
 */
export class OpenRequests {
  #buckets: (OpenRequest | undefined)[] = emptyBuckets(FIRST_BUCKETS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: string): OpenRequest | undefined {
    let request = this.#buckets[this.#bucketOf(id)];
    while (request && request.id !== id) request = request.next;
    return request;
  }

  /** Adds a request whose id is not there yet. */
  add(request: OpenRequest): void {
    if (this.#size >= this.#buckets.length * 2) this.#grow();
    this.#put(request);
    this.#size += 1;
  }

  /** Takes a request out. */
  take(id: string): OpenRequest | undefined {
    const bucket = this.#bucketOf(id);
    let before: OpenRequest | undefined;
    let request = this.#buckets[bucket];
    while (request && request.id !== id) {
      before = request;
      request = request.next;
    }
    if (!request) return undefined;
    if (before) before.next = request.next;
    else this.#buckets[bucket] = request.next;
    request.next = undefined;
    this.#size -= 1;
    return request;
  }

  all(): OpenRequest[] {
    const all: OpenRequest[] = [];
    for (const first of this.#buckets) {
      for (let request = first; request; request = request.next) all.push(request);
    }
    return all;
  }

  #put(request: OpenRequest): void {
    const bucket = this.#bucketOf(request.id);
    request.next = this.#buckets[bucket];
    this.#buckets[bucket] = request;
  }

  #grow(): void {
    const all = this.all();
    this.#buckets = emptyBuckets(this.#buckets.length * 4);
    for (const request of all) this.#put(request);
  }

  /** By the last digits of the id, which are random. */
  #bucketOf(id: string): number {
    let hash = 0;
    for (let at = id.length - 6; at < id.length; at++) hash = (hash * 33 + id.charCodeAt(at)) | 0;
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1);
  }
}

function emptyBuckets(count: number): (OpenRequest | undefined)[] {
  return new Array<OpenRequest | undefined>(count).fill(undefined);
}
