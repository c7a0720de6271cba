import type { StreamSink } from './stream-sink.ts';
import type { WholeAnswer, WholeSink } from './whole-reader.ts';

/** Gives a whole answer to a client that asked for a stream, which not every server heeds: `body` holds all its events. */
export class WholeAsStream implements WholeSink {
  private readonly outlet: StreamSink;

  constructor(outlet: StreamSink) {
    this.outlet = outlet;
  }

  send({ body, dropped }: WholeAnswer): void {
    this.outlet.commit(dropped);
    this.write(body, () => {});
    this.endPieces();
  }

  startPieces(): void {
    this.outlet.commit();
  }

  write(bytes: Buffer, resume: () => void): boolean {
    return this.outlet.write(bytes, resume);
  }

  endPieces(): void {
    this.outlet.end();
  }

  breakOff(): void {
    this.outlet.endWithError('stream_interrupted');
  }
}
