import { join } from 'node:path';
import { type AgentToken, parseAgentToken, sha256 } from '@bonito/protocol';
import { z } from 'zod';
import { replaceFile, type StateFiles } from './state-files.ts';

/** The configured token is missing or is not one. */
export class AgentTokenError extends Error {
  override readonly name = 'AgentTokenError';
  readonly code = 'agent_token_invalid';
}

/** The token that the agent shows to the control plane, through its rotations. */
export interface AgentTokens {
  /** What every token of this agent says: organization and root key. A successor that says otherwise is not taken. */
  readonly trust: AgentToken;
  /** The token to use now. */
  current(): string;
  /** The control plane accepted this token. */
  accepted(token: string): Promise<void>;
  /** The control plane refused this token: another one to try now, if there is one. */
  refused(token: string): Promise<string | undefined>;
  /** Takes the successor from a heartbeat's answer: stores it, then uses it. False when it is not taken. */
  offer(successor: { token: string; generation: number }): Promise<boolean>;
  /** Generation of the token in use; 0 for the configured one. */
  generation(): number;
}

const heldSchema = z.object({ token: z.string(), generation: z.int().min(0) });
const storedSchema = z.object({
  /** SHA-256 of the configured token that the successors come from: with another one configured they are void. */
  configured: z.string(),
  /** The last one that the control plane accepted. Absent while that is the configured one. */
  proved: heldSchema.optional(),
  /** The successor that was offered and has not been accepted yet. */
  offered: heldSchema.optional(),
});
type Held = z.infer<typeof heldSchema>;

/** Where the token comes from, and where its successors are kept. */
export interface AgentTokenOptions {
  /** Reads the configured token: a setting, or a file that may change. */
  read(): Promise<string>;
  files: StateFiles;
  /** Folder for `token.json` (0600). */
  folder: string;
  /** Called when a successor was accepted for the first time. */
  rotated?(generation: number): void;
}

/**
 * Opens the token. A successor is written to disk before its first use, and the token before it is kept until the
 * successor was accepted once, so that no crash leaves the agent without a token that works.
 *
 * @throws AgentTokenError when the configured text is not an agent token
 */
export async function openAgentTokens(options: AgentTokenOptions): Promise<AgentTokens> {
  const { files } = options;
  const path = join(options.folder, 'token.json');
  let configured = (await options.read()).trim();
  const trust = parseAgentToken(configured);
  if (!trust) {
    throw new AgentTokenError(
      'the configured agent token is not one: it begins with bt- and has 111 characters; copy it again from the control plane',
    );
  }
  const sameTrust = (token: string) => {
    const parsed = parseAgentToken(token);
    return parsed?.organization === trust.organization && parsed.rootFingerprint === trust.rootFingerprint;
  };
  const stored = readStored(await files.read(path).catch(() => undefined), configured);
  let proved: Held = pick(stored?.proved, sameTrust) ?? { token: configured, generation: 0 };
  let offered: Held | undefined = pick(stored?.offered, sameTrust);
  /** The configured token, tried again after a successor was refused. */
  let fallback: Held | undefined;

  async function store(): Promise<void> {
    const content: z.infer<typeof storedSchema> = {
      configured: sha256(configured),
      ...(proved.generation > 0 && { proved }),
      ...(offered && { offered }),
    };
    await files.makeFolder(options.folder);
    await replaceFile(files, path, Buffer.from(JSON.stringify(content)));
  }

  async function adoptConfigured(): Promise<boolean> {
    const now = (await options.read().catch(() => configured)).trim();
    if (now === configured || !sameTrust(now)) return false;
    configured = now;
    proved = { token: now, generation: 0 };
    offered = undefined;
    fallback = undefined;
    await store().catch(() => {});
    return true;
  }

  return {
    trust,
    current: () => (fallback ?? offered ?? proved).token,
    generation: () => (fallback ?? offered ?? proved).generation,
    async accepted(token) {
      const held = token === offered?.token ? offered : token === fallback?.token ? fallback : undefined;
      if (!held) return;
      proved = held;
      offered = undefined;
      fallback = undefined;
      await store().catch(() => {});
      if (held.generation > 0) options.rotated?.(held.generation);
    },
    async refused(token) {
      if (await adoptConfigured()) return configured;
      if (token === offered?.token) {
        offered = undefined;
        await store().catch(() => {});
        return proved.token;
      }
      if (token === fallback?.token) {
        fallback = undefined;
        return undefined;
      }
      if (token !== proved.token) return (fallback ?? offered ?? proved).token;
      if (proved.generation === 0) return undefined;
      fallback = { token: configured, generation: 0 };
      return configured;
    },
    async offer(successor) {
      if (!sameTrust(successor.token)) return false;
      if (successor.token === proved.token || successor.token === offered?.token) return false;
      if (successor.generation <= proved.generation) return false;
      const before = offered;
      offered = { token: successor.token, generation: successor.generation };
      try {
        await store();
        return true;
      } catch {
        // Not stored, not used: after a crash the agent would not know the token that the control plane knows it by.
        offered = before;
        return false;
      }
    },
  };
}

function readStored(
  bytes: Uint8Array | undefined,
  configured: string,
): z.infer<typeof storedSchema> | undefined {
  if (!bytes) return undefined;
  try {
    const stored = storedSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
    return stored.configured === sha256(configured) ? stored : undefined;
  } catch {
    return undefined;
  }
}

function pick(held: Held | undefined, good: (token: string) => boolean): Held | undefined {
  return held && good(held.token) ? held : undefined;
}
