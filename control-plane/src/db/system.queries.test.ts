import { newId, sha256 } from '@bonito/protocol';
import { expect, it } from 'vitest';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { createTestOrganization } from '../testing/organization.ts';
import { adoptHomeOrganization, findAdminIdentity, storePlatformToken } from './system.queries.ts';

describeOnEachDatabase('platform tokens', (suite) => {
  const store = (id: string, token: string) =>
    storePlatformToken(suite.open.database, {
      ...{ id, name: 'bootstrap', sha256: sha256(token), hint: 'ba-***' },
      createdAt: new Date(),
    });

  it('are replaced under their id: the one before ends, the organization stays', async () => {
    const db = suite.open.database;
    const [id, organizationId] = [newId(), await createTestOrganization(db)];
    await store(id, 'ba-first');
    await adoptHomeOrganization(db, id, organizationId);
    await store(id, 'ba-first');
    await Promise.all([store(id, 'ba-second'), store(id, 'ba-second')]);
    expect(await findAdminIdentity(db, sha256('ba-first'))).toBeUndefined();
    expect(await findAdminIdentity(db, sha256('ba-second'))).toEqual({
      type: 'platform_token',
      id,
      organizationId,
    });
  });

  it('keep the first organization that they were given', async () => {
    const db = suite.open.database;
    const [id, first, second] = [newId(), await createTestOrganization(db), await createTestOrganization(db)];
    await store(id, `ba-${id}`);
    await adoptHomeOrganization(db, id, first);
    await adoptHomeOrganization(db, id, second);
    expect(await findAdminIdentity(db, sha256(`ba-${id}`))).toMatchObject({ organizationId: first });
  });
});
