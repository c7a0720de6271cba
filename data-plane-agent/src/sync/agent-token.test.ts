import { formatAgentToken } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import { testId } from '../gateway/snapshot/compile-test-sections.ts';
import { openAgentTokens } from './agent-token.ts';
import { createMemoryFiles } from './test-surroundings.ts';

const trust = { organization: testId(9, 0), rootFingerprint: Buffer.alloc(32, 7).toString('base64url') };
const token = (seed: number, from = trust) => formatAgentToken(from, Buffer.alloc(32, seed));

function open(files = createMemoryFiles(), configured = () => token(1)) {
  const rotations: number[] = [];
  const tokens = openAgentTokens({
    read: async () => `${configured()}\n`,
    files,
    folder: '/state',
    rotated: (generation) => rotations.push(generation),
  });
  return tokens.then((opened) => Object.assign(opened, { rotations }));
}

describe('an agent token', () => {
  it('is refused at the start when it is not one, without being shown', async () => {
    await expect(open(undefined, () => 'bt-short-secret')).rejects.toMatchObject({
      code: 'agent_token_invalid',
      message: expect.not.stringContaining('short-secret'),
    });
  });

  it('gives way to its successor, which survives a restart', async () => {
    const files = createMemoryFiles();
    const tokens = await open(files);
    expect(tokens.current()).toBe(token(1));
    expect(await tokens.offer({ token: token(2), generation: 1 })).toBe(true);
    expect(tokens.current()).toBe(token(2));
    await tokens.accepted(token(2));
    expect(tokens.rotations).toEqual([1]);
    const again = await open(files);
    expect(again.current()).toBe(token(2));
    expect(again.generation()).toBe(1);
  });

  it('is kept until the successor was accepted, over a restart in between too', async () => {
    const files = createMemoryFiles();
    await (await open(files)).offer({ token: token(2), generation: 1 });
    const again = await open(files);
    expect(again.current()).toBe(token(2));
    expect(await again.refused(token(2))).toBe(token(1));
    expect(again.current()).toBe(token(1));
    expect((await open(files)).current()).toBe(token(1));
  });

  it('is proved link by link: the second successor refused, the first is used again', async () => {
    const files = createMemoryFiles();
    const tokens = await open(files);
    await tokens.offer({ token: token(2), generation: 1 });
    await tokens.accepted(token(2));
    await tokens.offer({ token: token(3), generation: 2 });
    expect(await (await open(files)).refused(token(3))).toBe(token(2));
  });

  it('comes from the configuration again when that one changed', async () => {
    const files = createMemoryFiles();
    let configured = token(1);
    const tokens = await open(files, () => configured);
    await tokens.offer({ token: token(2), generation: 1 });
    await tokens.accepted(token(2));
    configured = token(9);
    expect(await tokens.refused(token(2))).toBe(token(9));
    expect((await open(files, () => token(9))).current()).toBe(token(9));
  });

  it('is tried once more as configured when its successor was revoked', async () => {
    const tokens = await open();
    await tokens.offer({ token: token(2), generation: 1 });
    await tokens.accepted(token(2));
    expect(await tokens.refused(token(2))).toBe(token(1));
    expect(await tokens.refused(token(1))).toBeUndefined();
    expect(tokens.current()).toBe(token(2));
  });

  it('takes no successor of another organization or root, none that is older, and none that it cannot store', async () => {
    let full = false;
    const tokens = await open(createMemoryFiles(() => full));
    const stranger = { ...trust, rootFingerprint: Buffer.alloc(32, 8).toString('base64url') };
    expect(await tokens.offer({ token: token(2, stranger), generation: 1 })).toBe(false);
    expect(await tokens.offer({ token: 'bt-x', generation: 1 })).toBe(false);
    expect(await tokens.offer({ token: token(2), generation: 0 })).toBe(false);
    full = true;
    expect(await tokens.offer({ token: token(2), generation: 1 })).toBe(false);
    expect(tokens.current()).toBe(token(1));
  });

  it('is the configured one when what is stored is damaged', async () => {
    const files = createMemoryFiles();
    files.content.set('/state/token.json', Buffer.from('{'));
    expect((await open(files)).current()).toBe(token(1));
  });
});
