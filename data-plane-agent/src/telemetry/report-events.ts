import type { SpoolEvent } from '../spool/spool-ports.ts';
import type { StandaloneEvent } from '../standalone/start-standalone.ts';
import type { SyncEvent } from '../sync/sync-events.ts';
import { errorCode, type Log } from './log.ts';

/** Writes what happens with the configuration to the log. */
export function reportSync(log: Log): (event: SyncEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'applied':
        return log.info(
          { ...event.version, from: event.from, milliseconds: Math.round(event.milliseconds) },
          'a configuration is served',
        );
      case 'rejected':
        return log.error(
          { ...event.rejection, from: event.from },
          'a configuration was refused; the last good one is kept',
        );
      case 'unreachable':
        return log.warn(
          { code: errorCode(event.error), status: event.error.status },
          `the control plane does not answer; serving goes on: ${event.error.message}`,
        );
      case 'reached':
        return log.info('the control plane answers');
      case 'token_rotated':
        return log.info({ generation: event.generation }, "the agent's token was rotated");
      default:
        return log.warn({ notice: event.code }, event.message);
    }
  };
}

/** Writes what happens with the file of a standalone configuration to the log. Its messages name places, not values. */
export function reportStandalone(log: Log): (event: StandaloneEvent) => void {
  return (event) => {
    if (event.type === 'rejected') {
      log.error(`the configuration file was refused; the last good one is kept: ${event.error.message}`);
      return;
    }
    log.info({ ...event.version, from: 'file' }, 'a configuration is served');
    for (const warning of event.warnings) log.warn(warning);
  };
}

/** Writes what happens with usage that waits to be sent to the log. Its messages are of the disk and the network. */
export function reportSpool(log: Log): (event: SpoolEvent) => void {
  return (event) => {
    const { type, ...fields } = event;
    switch (event.type) {
      case 'uploaded':
        if (event.lost > 0 || event.quarantined > 0)
          log.error({ event: type, ...fields }, 'usage was lost or put aside');
        else log.debug({ event: type, ...fields }, 'usage was sent');
        return;
      case 'stream_adopted':
        return log.info({ event: type, ...fields }, 'usage of an instance that ended was taken over');
      case 'disk_recovered':
        return log.info({ event: type }, 'the state folder can be written again');
      case 'disk_failed':
        return log.error(
          { event: type, ...fields },
          'the state folder cannot be written; usage is held in memory',
        );
      case 'upload_failed':
        return log.warn({ event: type, ...fields }, 'usage could not be sent; it is kept and tried again');
      case 'collapsed':
        return log.warn(
          { event: type, ...fields },
          'the disk limit was reached; detail of usage was collapsed into totals',
        );
      default:
        return log.error({ event: type, ...fields }, 'usage is being kept with trouble');
    }
  };
}
