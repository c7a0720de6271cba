const NEEDLES = { service_tier: Buffer.from('"service_tier"'), serviceTier: Buffer.from('"serviceTier"') };
const STANDARD = /^\s*:\s*(?:null|"default"|"standard"|\{\s*"type"\s*:\s*"default"\s*\})\s*[,}]/;
/** As many bytes as the pattern needs. */
const LOOK = 60;

/**
 * The top-level member of an answer that names its service tier, without parsing the whole where it names the standard one or
 * none, as nearly always. Quotes inside of strings are escaped, so a find is a real token; where it could be another object's,
 * or names something, the document is parsed.
 *
 * @param bytes a complete JSON object
 * @returns the member's value, Bedrock's `{"type": …}` without its object; undefined where there is none
 */
export function scanServiceTier(bytes: Buffer, member: 'service_tier' | 'serviceTier'): unknown {
  const needle = NEEDLES[member];
  const at = bytes.lastIndexOf(needle);
  if (at === -1) return undefined;
  const after = at + needle.length;
  if (bytes.indexOf(needle) === at && STANDARD.test(bytes.toString('latin1', after, after + LOOK))) {
    return 'default';
  }
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))?.[member];
    return typeof value === 'object' && value !== null && 'type' in value ? value.type : value;
  } catch {
    return undefined;
  }
}
