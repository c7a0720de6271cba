/** Apart, so that it is loaded only where there is a file: an agent without one does not carry a parser in memory. */
export { parseDocument } from 'yaml';
